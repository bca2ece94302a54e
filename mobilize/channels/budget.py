"""What messages may cost: caps for a person, a campaign and a day. One statement counts and decides, so parallel
senders never go over a cap together.

Only SMS cost. What is urgent or essential is counted and never refused; bulk messages leave a fifth of every purse to
the others, so that nobody's reminder is missing because somebody wrote to everybody. What is refused still reaches the
inbox.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mobilize.channels.models import Delivery, Purse
from mobilize.channels.states import ChannelName, Priority, PurseScope
from mobilize.core.ids import uuid7

ONE_SEGMENT, OF_SEVERAL = 70, 67  # signs of a Chinese SMS, alone and as a part of a longer one
OF_BULK = 80  # percent of a purse that bulk messages may spend
FOR_GOOD = date(1, 1, 1)  # the day of a purse that is not of one day
EVERYBODY = ""


def segments(text: str) -> int:
    """Return as how many SMS a text is sent and paid, by the rule of the Chinese carriers: in units of UCS-2, of which
    an emoji takes two."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= ONE_SEGMENT else -(-units // OF_SEVERAL)


def cost(text: str) -> int:
    """Return what an SMS costs, in thousandths of a yuan."""
    return segments(text) * settings.SMS_PRICE


def may_cost(row: Delivery) -> bool:
    """Tell whether a message may still become an SMS."""
    return ChannelName.SMS in {row.channel, *row.route}


def reserve(rows: Sequence[Delivery], *, now: datetime, essential: Collection[UUID] = ()) -> set[UUID]:
    """Take the cost of new messages from the purses. Runs inside the transaction that writes them.

    Args:
        rows: new messages; what cannot become an SMS, or is a sign-in code, costs nothing here.
        essential: ids of those that are never refused.
        now: current time; the day is the city's.
    Returns:
        The ids of those that must not become an SMS: a cap would be passed.
    """
    paid = [row for row in rows if row.cost and row.priority != Priority.CODE]
    day = timezone.localtime(now).date()
    must = [row for row in paid if row.priority == Priority.URGENT or row.pk in essential]
    _take(must, day, never_refuse=True)
    going = {row.pk for row in must}
    refused: set[UUID] = set()
    for bulk in (False, True):
        rest = [row for row in paid if row.pk not in going and (row.priority == Priority.BULK) == bulk]
        share = OF_BULK if bulk else 100
        refused |= {row.pk for row in _take(rest, day, share=share)}
    return refused


def _take(rows: Sequence[Delivery], day: date, *, never_refuse: bool = False, share: int = 100) -> list[Delivery]:
    refused: list[Delivery] = []
    left = list(rows)
    for scope in PurseScope:
        by_key = defaultdict(list)
        for row in left:
            if (key := _key(scope, row)) is not None:
                by_key[key].append(row)
        wanted = {key: sum(_amount(scope, row) for row in own) for key, own in by_key.items()}
        taken = _spend(scope, wanted, day, never_refuse=never_refuse, share=share)
        over = []
        for key in by_key.keys() - taken:
            # all together do not fit: as many as do
            over += [row for row in by_key[key] if not _spend(scope, {key: _amount(scope, row)}, day, share=share)]
        for earlier in list(PurseScope)[: list(PurseScope).index(scope)]:
            _give_back(earlier, over, day)
        gone = {row.pk for row in over}
        refused += over
        left = [row for row in left if row.pk not in gone]
    return refused


def _key(scope: PurseScope, row: Delivery) -> str | None:
    match scope:
        case PurseScope.PERSON:
            return str(row.phone)
        case PurseScope.CAMPAIGN:
            return str(row.campaign_id) if row.campaign_id else None
        case PurseScope.DAY:
            return EVERYBODY


def _amount(scope: PurseScope, row: Delivery) -> int:
    return 1 if scope == PurseScope.PERSON else row.cost


def _day(scope: PurseScope, day: date) -> date:
    return FOR_GOOD if scope == PurseScope.CAMPAIGN else day


def _cap(scope: PurseScope) -> int | None:
    caps = {PurseScope.PERSON: settings.SMS_A_DAY, PurseScope.DAY: settings.SMS_DAY_BUDGET * 1000}
    return caps.get(scope) or None


def _spend(
    scope: PurseScope, wanted: Mapping[str, int], day: date, *, never_refuse: bool = False, share: int = 100
) -> set[str]:
    """Take amounts from purses, each whole or not at all; return the keys of those that had enough.

    Args:
        share: how much of a purse may be spent by these, in percent.
    """
    if not wanted:
        return set()
    keys = sorted(wanted)  # one order for all, so that two senders never wait for each other
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO channels_purse AS p (id, created_at, scope, key, day, most, spent)
            SELECT w.id, now(), %(scope)s, w.key, %(day)s, %(most)s, w.amount
            FROM unnest(%(ids)s::uuid[], %(keys)s::text[], %(amounts)s::bigint[]) AS w (id, key, amount)
            WHERE %(anyway)s OR %(most)s::bigint IS NULL OR w.amount <= %(most)s * %(share)s / 100
                OR EXISTS (SELECT FROM channels_purse WHERE scope = %(scope)s AND key = w.key AND day = %(day)s)
            ON CONFLICT (scope, key, day) DO UPDATE SET spent = p.spent + excluded.spent
                WHERE %(anyway)s OR p.most IS NULL OR p.spent + excluded.spent <= p.most * %(share)s / 100
            RETURNING key
            """,
            {
                "scope": str(scope),
                "day": _day(scope, day),
                "most": _cap(scope),
                "ids": [uuid7() for _ in keys],
                "keys": keys,
                "amounts": [wanted[key] for key in keys],
                "anyway": never_refuse,
                "share": share,
            },
        )
        return {key for (key,) in cursor.fetchall()}


def give_back(rows: Sequence[Delivery]) -> None:
    """Put back what was taken for messages that are not sent after all; the day is that of their writing."""
    by_day = defaultdict(list)
    for row in rows:
        if row.cost and row.priority != Priority.CODE and may_cost(row):
            by_day[timezone.localtime(row.created_at).date()].append(row)
    for day, own in by_day.items():
        for scope in PurseScope:
            _give_back(scope, own, day)


def _give_back(scope: PurseScope, rows: Iterable[Delivery], day: date) -> None:
    amounts: Counter[str] = Counter()
    for row in rows:
        if (key := _key(scope, row)) is not None:
            amounts[key] -= _amount(scope, row)
    _spend(scope, amounts, day, never_refuse=True)


def left_today(*, now: datetime) -> int | None:
    """Return what bulk messages may still spend today, in thousandths of a yuan; None without a cap."""
    spent = _spent(PurseScope.DAY, EVERYBODY, timezone.localtime(now).date())
    return _left_for_bulk(_cap(PurseScope.DAY), spent)


def of_campaigns(campaign_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int | None]]:
    """Return what campaigns have spent and may spend in all (None: no cap), in thousandths of a yuan."""
    keys = [str(pk) for pk in campaign_ids]
    rows = Purse.objects.filter(scope=PurseScope.CAMPAIGN, key__in=keys, day=FOR_GOOD)
    return {UUID(key): (spent, most) for key, spent, most in rows.values_list("key", "spent", "most")}


def left_of_campaign(campaign_id: UUID) -> int | None:
    """Return what bulk messages of a campaign may still spend, in thousandths of a yuan; None without a cap."""
    spent, most = of_campaigns([campaign_id]).get(campaign_id, (0, None))
    return _left_for_bulk(most, spent)


def _left_for_bulk(most: int | None, spent: int) -> int | None:
    return None if most is None else max(0, most * OF_BULK // 100 - spent)


def _spent(scope: PurseScope, key: str, day: date) -> int:
    return Purse.objects.filter(scope=scope, key=key, day=day).values_list("spent", flat=True).first() or 0


def cap_campaign(campaign_id: UUID, *, most: int | None) -> None:
    """Set what a campaign may spend in all, in thousandths of a yuan; None takes the cap away."""
    Purse.objects.update_or_create(
        scope=PurseScope.CAMPAIGN, key=str(campaign_id), day=FOR_GOOD, defaults={"most": most}
    )


def tidy(*, now: datetime) -> int:
    """Delete what was counted for people on days that are over: their numbers are nobody's business any more.

    Returns:
        How many rows.
    """
    today = timezone.localtime(now).date()
    return Purse.objects.filter(scope=PurseScope.PERSON, day__lt=today).delete()[0]
