"""The data files agree with the story and with themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mobilize.core.phones import normalised
from mobilize.reports.queries import COUNTS
from mobilize.seeding.files import read

SEEDS = Path(settings.ROOT) / "seeds"
FILES = sorted(path.stem for path in SEEDS.glob("*.yaml"))


def sources(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "source" in node:
            yield node["source"]
        for child in node.values():
            yield from sources(child)
    elif isinstance(node, list):
        for child in node:
            yield from sources(child)


@pytest.mark.parametrize("name", FILES)
def test_every_source_quotes_the_story(name: str) -> None:
    story = (SEEDS / "story.md").read_text(encoding="utf-8")
    strangers = [
        source for source in sources(read(name)) if source not in story and not source.startswith("Not in the story: ")
    ]
    assert strangers == []


def test_every_figure_has_a_source_and_both_languages() -> None:
    for fact in read("facts")["facts"]:
        for key in ["source", "zh", "en", "unit_zh", "unit_en"]:
            assert fact[key], (fact["key"], key)


def test_every_counted_figure_can_be_counted() -> None:
    counted = {fact["key"] for fact in read("facts")["facts"] if fact.get("counted")}
    assert counted == set(COUNTS)


def test_every_union_and_site_has_a_source_or_says_it_is_invented() -> None:
    for entry in [*read("unions")["unions"], *read("sites")["sites"]]:
        assert entry.get("source") or entry["invented"], entry["code"]


@pytest.mark.parametrize("column", ["person_trips", "second_transfers", "incidents"])
def test_flights_add_up_to_the_airport_totals(column: str) -> None:
    airport = read("airport")
    assert sum(flight[column] for flight in airport["flights"]) == airport["totals"][column]
    assert len(airport["flights"]) == airport["totals"]["flights"]


def test_supply_adds_up_by_category_and_in_all() -> None:
    supply = read("supply")
    merchants = channels = 0
    for category in supply["categories"]:
        named = sum(len(entry["channels"]) + entry.get("more", 0) for entry in category["named"])
        assert named + category["more"]["channels"] == category["channels"], category["code"]
        channels += category["channels"]
        merchants += len(category["named"]) + category["more"]["merchants"]
    assert {"merchants": merchants, "channels": channels} == supply["totals"]


def test_the_covenant_has_fifteen_articles_in_both_languages() -> None:
    articles = read("campaign")["covenant"]["articles"]
    assert len(articles) == 15
    assert all(set(article) == {"zh", "en"} for article in articles)


def test_fleets_add_up_and_leave_room_for_every_driver() -> None:
    fleets = read("fleets")
    assert sum(kind["fleets"] for kind in fleets["kinds"]) == fleets["totals"]["fleets"]
    assert len(set(fleets["words"])) == fleets["totals"]["fleets"] - len(fleets["demo"])


def test_demo_people_have_numbers_of_the_invented_range() -> None:
    demo = read("demo")
    people = [demo["officer"], demo["worker"], demo["driver"], *demo["leaders"]]
    for person in people:
        assert normalised(person["phone"]) == person["phone"]
        assert person["phone"].startswith("+861990000")
    assert len({person["phone"] for person in people}) == len(people)
