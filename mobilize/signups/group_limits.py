"""How many people may be signed up by others: by the one who does it, by range of numbers, and by all together.

Everybody who is signed up gets a message that somebody pays for, and a list that is refused says which lines are wrong.
So nobody tries out numbers this way or writes to strangers, and many who do it together meet a budget.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from mobilize.core.actor import OFFICER, Actor
from mobilize.core.limits import Limit, spend

HOUR = timedelta(hours=1)
MOST_GROUPS = 10  # tries of one worker in an hour, refused ones too
MOST_IN_A_RANGE = 500  # people of 10,000 numbers, in an hour: a big plant has its numbers in one range
MOST_PEOPLE = 30_000  # in an hour, by all workers; as many again at all desks


def is_desk(actor: Actor) -> bool:
    """Tell whether an officer or a partner acts, who are known by more than a phone number."""
    return OFFICER in actor.scopes or actor.client_id is not None


def spend_group(actor: Actor) -> None:
    """Count one more group of a worker.

    Raises:
        TooMany: `groups_too_fast` with `retry_after` seconds.
    """
    if not is_desk(actor):
        mine = Limit(what="groups", subject=str(actor.user_id), most=MOST_GROUPS, window=HOUR)
        spend([mine], code="groups_too_fast")


def spend_people(actor: Actor, numbers: Iterable[str]) -> None:
    """Count people whom somebody else signs up, before anything is told about them.

    Args:
        actor: who does it; a crowd of workers leaves room for the desks.
        numbers: in E.164.
    Raises:
        TooMany: `people_too_fast` with `retry_after` seconds.
    """
    ranges = Counter(number[:-4] for number in numbers)
    if not ranges:
        return
    who = "desks" if is_desk(actor) else "workers"
    by_range = [
        Limit(what="people-range", subject=start, most=MOST_IN_A_RANGE, window=HOUR, cost=people)
        for start, people in ranges.items()
    ]
    by_all = Limit(what="people", subject=who, most=MOST_PEOPLE, window=HOUR, cost=ranges.total())
    spend([by_all] if is_desk(actor) else [*by_range, by_all], code="people_too_fast")
