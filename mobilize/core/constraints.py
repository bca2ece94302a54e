"""When two requests race past the checks, the database's constraint decides and the loser is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from mobilize.core.errors import Conflict


@contextmanager
def clash_as_conflict() -> Iterator[None]:
    """Around a transaction (or as a decorator above `transaction.atomic`): a broken constraint is a Conflict.

    Raises:
        Conflict: `changed_meanwhile` with the constraint's name.
    """
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        raise Conflict("changed_meanwhile", constraint=getattr(diagnosis, "constraint_name", "") or "") from error
