"""The project as it is served, and how many SQL statements each answer took, in the header X-Statements."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from config.wsgi import application as served


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    statements = 0

    def count(execute: Callable[..., Any], *call: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*call)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Statements", str(statements))], *rest)

    with connection.execute_wrapper(count):
        return served(environ, start)
