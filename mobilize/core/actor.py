"""Who acts: a person with a session or token, or a partner's machine."""

from dataclasses import dataclass
from uuid import UUID

from mobilize.core.errors import Forbidden, Unauthenticated

# What a credential was issued for. Officer rights need the second factor, so a plain phone code carries WORKER alone.
WORKER = "worker"
OFFICER = "officer"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The one on whose behalf a service runs.

    Attributes:
        user_id: the signed-in person, None for a machine or a stranger.
        client_id: the partner's OAuth client id, None for a person.
        union_id: the union a partner acts for, None for a person.
        scopes: what the credential may do: `worker`, `officer`, or a partner's scopes such as `tasks:write`.
    """

    user_id: UUID | None = None
    client_id: str | None = None
    union_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_stranger(self) -> bool:
        """True when nobody is signed in."""
        return self.user_id is None and self.client_id is None

    @property
    def person(self) -> UUID:
        """The signed-in person's id.

        Raises:
            Unauthenticated: a stranger.
            Forbidden: `people_only`, for a partner's machine.
        """
        if self.is_stranger:
            raise Unauthenticated
        if self.user_id is None:
            raise Forbidden("people_only")
        return self.user_id


STRANGER = Actor()
SYSTEM = Actor(client_id="mobilize", scopes=frozenset({"system"}))
