"""Errors of the domain: a stable code and data, no HTTP and no sentences.

The two faces translate them: core/rest.py into problem+json, frontend/middleware.py into Chinese or English.
"""

from typing import Any


class DomainError(Exception):
    """Base of all. `code` is stable for callers; `data` holds what a sentence about it needs."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class Unauthenticated(DomainError):
    """Nobody is signed in, and somebody must be."""

    def __init__(self) -> None:
        super().__init__("not_signed_in")


class Forbidden(DomainError):
    """The actor may never do this. Rows the actor may not even see raise NotFound instead."""

    def __init__(self, code: str = "forbidden", **data: Any) -> None:
        super().__init__(code, **data)


class NotFound(DomainError):
    """No such row among those the actor may see."""

    def __init__(self, code: str = "not_found", **data: Any) -> None:
        super().__init__(code, **data)


class Conflict(DomainError):
    """Allowed in principle, impossible now: the state of things stands against it."""


class TooMany(DomainError):
    """Asked too often; `data["retry_after"]` is in seconds."""


class Invalid(DomainError):
    """The input is wrong. `fields` maps an input's name to its error codes, every field at once."""

    def __init__(self, fields: dict[str, list[str]], **data: Any) -> None:
        super().__init__("invalid", **data)
        self.fields = fields
