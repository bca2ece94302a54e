"""What became of a place: somebody came, or did not, or that was said by mistake."""

from datetime import datetime
from uuid import UUID

from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus

CAME, MISSED, OPEN = SignupStatus.ATTENDED, SignupStatus.NO_SHOW, SignupStatus.CONFIRMED


def attended(*, shift_id: UUID, worker_id: UUID, actor: Actor, now: datetime) -> None:
    """Somebody served: her place, if she had one, is attended. Must run inside a transaction.

    Args:
        shift_id, worker_id: of whom. Without a place nothing changes.
        actor: who says so.
        now: for the trace.
    Raises:
        Conflict: `wrong_status`: somebody changed it at the same instant.
    """
    found = Signup.objects.filter(shift=shift_id, worker=worker_id, status__in=[OPEN, MISSED]).first()
    if found:
        transitions.move(found, to=CAME, allowed_from=[OPEN, MISSED], actor=actor, now=now)


def missed(*, signup: Signup, actor: Actor, now: datetime) -> None:
    """Somebody with a place did not come. Must run inside a transaction.

    Raises:
        Conflict: `wrong_status`: she has no place, or came.
    """
    transitions.move(signup, to=MISSED, allowed_from=[OPEN], actor=actor, now=now)


def reopen(*, shift_id: UUID, worker_id: UUID, actor: Actor, now: datetime) -> bool:
    """It was said by mistake: her place is as it was before. Must run inside a transaction.

    Returns:
        Whether anything had been said.
    Raises:
        Conflict: `changed_meanwhile`: she has another place at that time by now.
    """
    found = Signup.objects.filter(shift=shift_id, worker=worker_id, status__in=[CAME, MISSED]).first()
    if found is None:
        return False
    with clash_as_conflict():
        transitions.move(found, to=OPEN, allowed_from=[CAME, MISSED], actor=actor, now=now, why="said by mistake")
    return True
