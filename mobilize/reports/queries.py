"""The city's figures: counted from rows where there are rows, quoted where there are none."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet, Sum

from mobilize.attendance.models import ServiceRecord
from mobilize.campaigns.models import CovenantArticle, Pledge, ViewTally
from mobilize.fleets.models import Driver, Fleet
from mobilize.fleets.states import FleetStatus
from mobilize.reports.models import Fact
from mobilize.supply.models import Merchant, SupplyChannel
from mobilize.supply.states import Category
from mobilize.tasks.models import Post, Team
from mobilize.tasks.states import SiteKind
from mobilize.workers.models import Worker

FIGURES_LAST = 60  # seconds


def _sum(rows: QuerySet, column: str) -> int:
    return rows.aggregate(total=Sum(column, default=0))["total"]


def _airport(column: str) -> int:
    return _sum(ServiceRecord.objects.filter(task__site__kind=SiteKind.AIRPORT), column)


def _members(union_code: str) -> int:
    return Worker.objects.filter(union__code=union_code, pledges__isnull=False).distinct().count()


def _posts(union_code: str) -> int:
    return Post.objects.filter(site__union__code=union_code).values("kind").distinct().count()


# How each counted figure is counted, by the key of its fact. Union codes are those of seeds/unions.yaml.
COUNTS: dict[str, Callable[[], int]] = {
    "views": lambda: _sum(ViewTally.objects.all(), "count"),
    "articles": lambda: CovenantArticle.objects.count(),
    "volunteers": lambda: Pledge.objects.count(),
    "palace_posts": lambda: _posts("cultural-palace"),
    "person_trips": lambda: _airport("person_trips"),
    "second_transfers": lambda: _airport("second_transfers"),
    "incidents": lambda: _airport("incidents"),
    "flights": lambda: _airport("flights"),
    "gujiao_members": lambda: _members("gujiao-education"),
    "gujiao_services": lambda: _sum(ServiceRecord.objects.filter(union__code="gujiao-education"), "services"),
    "fleets": lambda: Fleet.objects.filter(status=FleetStatus.ENROLLED).count(),
    "drivers": lambda: Driver.objects.filter(active=True, fleet__status=FleetStatus.ENROLLED).count(),
    "teams": lambda: Team.objects.count(),
    "beishahe_volunteers": lambda: Pledge.objects.filter(worker__home_community="北沙河社区").count(),
    "beishahe_posts": lambda: _posts("beishahe"),
    "laojunying_staff": lambda: _members("laojunying"),
    "merchants": lambda: Merchant.objects.count(),
    "supply_channels": lambda: SupplyChannel.objects.count(),
    "categories": lambda: SupplyChannel.objects.values("category").distinct().count(),
    "meitehao_channels": lambda: SupplyChannel.objects.filter(merchant__name="美特好").count(),
} | {
    f"channels_{category}": lambda category=category: SupplyChannel.objects.filter(category=category).count()
    for category in Category.values
}


@dataclass(frozen=True)
class Figure:
    """A figure as it is shown.

    Attributes:
        fact: what was reported, with labels, unit and source sentence.
        value: counted now, or as reported when there is nothing to count.
    """

    fact: Fact
    value: int


def city_figures() -> list[Figure]:
    """Return every figure in the order of the story, counted at most a minute ago."""
    figures: list[Figure] = cache.get_or_set("reports:city-figures", count_figures, FIGURES_LAST) or []
    return figures


def count_figures() -> list[Figure]:
    """Count now."""
    return [
        Figure(fact=fact, value=COUNTS[fact.key]() if fact.is_counted else fact.value) for fact in Fact.objects.all()
    ]
