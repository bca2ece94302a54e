"""The post duty of the story: tasks that are over, their shifts, who came, and what was recorded."""

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from mobilize.attendance.models import ServiceRecord
from mobilize.attendance.states import Source
from mobilize.campaigns.models import Pledge
from mobilize.core.ids import uuid7
from mobilize.seeding import people
from mobilize.seeding.bulk import copy
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.seeding.moments import WINDOWS, at, days
from mobilize.seeding.names import MAKER
from mobilize.seeding.shares import split
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Post, Shift, Site, Task
from mobilize.tasks.states import SiteKind, TaskKind, TaskStatus

EXACT_UNION = "gujiao-education"  # whose members served more than once each


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Who serves."""

    worker_id: UUID
    union_id: UUID
    joined: datetime


@dataclass(slots=True)
class Turn:
    """A shift about to be written, with those who came."""

    post: Post
    task: Task
    starts_at: datetime
    ends_at: datetime
    id: UUID = field(default_factory=uuid7)
    came: list[Volunteer] = field(default_factory=list)

    @property
    def places(self) -> int:
        """A few more than came, in tens."""
        return -(-len(self.came) // 10) * 10


def load() -> None:
    """Write the tasks, shifts, sign-ups and service records of the story's days."""
    chance = random.Random(people.SEED)
    turns = _turns(_write_tasks())
    exact_union = union_ids()[EXACT_UNION]
    volunteers = [Volunteer(*row) for row in _volunteers()]
    _assign(turns, [one for one in volunteers if one.union_id != exact_union], chance)
    _assign_exactly(turns, [one for one in volunteers if one.union_id == exact_union])
    _write([turn for turn in turns if turn.came])


def _volunteers() -> Iterator[tuple[UUID, UUID, datetime]]:
    rows = Pledge.objects.filter(campaign=the_campaign()).order_by("created_at", "worker_id")
    return rows.values_list("worker_id", "union_id", "created_at").iterator()


def _write_tasks() -> dict[UUID, Task]:
    """Write one closed task for each site, by site."""
    campaign = the_campaign()
    tasks = {
        site.pk: Task(
            campaign=campaign,
            union_id=site.union_id,
            kind=TaskKind.DUTY,
            title=f"{site.name}值守",
            status=TaskStatus.CLOSED,
            site=site,
            starts_at=at(days()[0], 7),
            ends_at=at(days()[-1], 22),
            created_by_client=MAKER,
            created_at=at(days()[0], 6),
        )
        for site in Site.objects.exclude(kind=SiteKind.AIRPORT)
    }
    Task.objects.bulk_create(tasks.values())
    return tasks


def _turns(tasks: dict[UUID, Task]) -> list[Turn]:
    posts = Post.objects.filter(site__in=tasks).select_related("site").order_by("site__sort_key", "kind")
    return [
        Turn(post, tasks[post.site_id], at(day, begins), at(day, ends))
        for day in days()
        for begins, ends in WINDOWS
        for post in posts
    ]


def _assign(turns: list[Turn], volunteers: list[Volunteer], chance: random.Random) -> None:
    """Give everyone one turn within the day and a half after joining."""
    by_start = _by_start(turns)
    starts = list(by_start)
    for one in volunteers:
        soon = starts[bisect_right(starts, one.joined) :][:6]
        chance.choice(by_start[chance.choice(soon)]).came.append(one)


def _by_start(turns: list[Turn]) -> dict[datetime, list[Turn]]:
    """Group turns by their start, the earliest first; `turns` is in that order."""
    grouped: dict[datetime, list[Turn]] = defaultdict(list)
    for turn in turns:
        grouped[turn.starts_at].append(turn)
    return grouped


def _assign_exactly(turns: list[Turn], members: list[Volunteer]) -> None:
    """Share a union's reported services among its members: up to two turns a day, in its own district."""
    facts = {fact["key"]: fact["value"] for fact in read("facts")["facts"]}
    union = members[0].union_id
    district = next(turn.post.site.district for turn in turns if turn.post.site.union_id == union)
    by_start = _by_start([turn for turn in turns if turn.post.site.district == district])
    afternoon = [start for start in by_start if timezone.localtime(start).hour >= 15]
    for place, (one, times) in enumerate(
        zip(members, split(facts["gujiao_services"], [1] * len(members)), strict=True)
    ):
        for start in afternoon[:times]:
            here = by_start[start]
            here[place % len(here)].came.append(one)


def _write(turns: list[Turn]) -> None:
    copy(
        Shift,
        ["id", "created_at", "task_id", "post_id", "starts_at", "ends_at", "places", "taken"],
        (
            (
                turn.id,
                turn.task.created_at,
                turn.task.pk,
                turn.post.pk,
                turn.starts_at,
                turn.ends_at,
                turn.places,
                len(turn.came),
            )
            for turn in turns
        ),
    )
    served = [(turn, one, uuid7()) for turn in turns for one in turn.came]
    copy(
        Signup,
        ["id", "created_at", "shift_id", "worker_id", "status", "during"],
        (
            (
                signup,
                one.joined,
                turn.id,
                one.worker_id,
                SignupStatus.ATTENDED.value,
                DateTimeTZRange(turn.starts_at, turn.ends_at),
            )
            for turn, one, signup in served
        ),
    )
    copy(
        ServiceRecord,
        [
            "created_at",
            "union_id",
            "task_id",
            "worker_id",
            "day",
            "services",
            "minutes",
            "source",
            "source_key",
        ],
        (
            (
                turn.ends_at,
                one.union_id,
                turn.task.pk,
                one.worker_id,
                timezone.localdate(turn.starts_at),
                1,
                (turn.ends_at - turn.starts_at) // timedelta(minutes=1),
                Source.CODE.value,
                f"signup:{signup}",
            )
            for turn, one, signup in served
        ),
    )
