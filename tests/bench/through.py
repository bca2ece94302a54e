"""The way through the database: read what there is, plan with proof, write plan and offers; over the bare solve."""

from datetime import date, datetime, time, timedelta
from importlib import import_module
from statistics import median
from typing import Any

import numpy as np

from tests.bench.stage import city, say, timed

TASKS = 1500
AIRPORT = (-0.081, 0.103)  # degrees from the centre
ROUNDS = 5


def database() -> dict[str, float]:
    """Plan 1,500 needs for the seeded city's 4,500 drivers and commit the plan, in turns with the bare solve."""
    with city():
        import_module("config.wsgi")  # as it is served: the garbage collector comes seldom

        from django.utils import timezone

        from mobilize.dispatch import plans, situation
        from mobilize.dispatch.models import Offer, Plan, Search
        from mobilize.dispatch.planner.distance import StraightLine
        from mobilize.dispatch.planner.drivers import plan
        from mobilize.dispatch.states import PlanMode
        from mobilize.fleets.models import Driver
        from mobilize.outbox.models import Event
        from mobilize.unions.models import Union
        from tests import acting
        from tests.factories import OfficerFactory

        tomorrow = timezone.localdate() + timedelta(days=1)
        now = datetime.combine(tomorrow, time(6), timezone.get_current_timezone())
        federation = Union.objects.get(parent=None)
        random = np.random.default_rng(5)
        mix(random, tomorrow)
        tasks = needs(random, federation, now)
        officer = acting.officer(OfficerFactory(union=federation))
        times: dict[str, list[float]] = {"whole": [], "solve": []}

        def whole() -> Any:
            proposed = plans.propose(
                actor=officer, task_ids=[task.pk for task in tasks], mode=PlanMode.DRIVERS, now=now
            )
            return plans.commit(actor=officer, plan_id=proposed.pk, now=now)

        for _ in range(ROUNDS):
            made = timed(times["whole"], whole)
            offers = Offer.objects.filter(plan=made).count()
            for rows in (Offer.objects.filter(plan=made), Plan.objects, Search.objects, Event.objects):
                rows.all().delete()
            found = situation.read(tasks=tasks, drivers=Driver.objects.all(), day=tomorrow, now=now)
            timed(times["solve"], lambda problem=found.problem: plan(problem, StraightLine(), budget=600.0))
    ratios = [a / b for a, b in zip(times["whole"], times["solve"], strict=True)]
    say(f"through database  {median(times['whole']):.2f} s with {offers} offers, proven={made.summary['proven']}")
    say(f"  bare solve      {median(times['solve']):.2f} s")
    return {"end_to_end_over_solver": round(median(ratios), 2)}


def mix(random: Any, day: date) -> None:
    """Make the seeded drivers as different as those of `tests.dispatch.planner.cities`."""
    from mobilize.attendance.models import ServiceRecord
    from mobilize.attendance.states import Source
    from mobilize.fleets.models import Driver, Vehicle

    drivers = list(Driver.objects.filter(active=True).select_related("vehicle", "worker"))
    hours = random.uniform(0, 8, len(drivers))
    records = []
    for driver, served in zip(drivers, hours, strict=True):
        driver.airport = random.random() < 0.5
        driver.vehicle.seats = random.choice([4, 4, 4, 6, 9])
        driver.vehicle.load_kg = random.choice([200, 200, 500, 1500])
        driver.vehicle.wheelchair = random.random() < 0.5
        records.append(
            ServiceRecord(
                union_id=driver.worker.union_id, worker=driver.worker, day=day, source=Source.TRIP,
                source_key=f"bench:{driver.pk}", minutes=round(served * 60),
            )
        )  # fmt: skip
    Driver.objects.bulk_update(drivers, ["airport"])
    Vehicle.objects.bulk_update([driver.vehicle for driver in drivers], ["seats", "load_kg", "wheelchair"])
    ServiceRecord.objects.bulk_create(records)


def needs(random: Any, union: Any, now: datetime) -> list[Any]:
    """Write 1,500 published needs of one vehicle each over twelve hours, three in ten of them at the airport."""
    from mobilize.tasks.models import Task
    from mobilize.tasks.states import Cargo, TaskKind, TaskStatus
    from tests.factories import CampaignFactory, SiteFactory

    places = [
        SiteFactory(latitude=round(37.87 + north, 5), longitude=round(112.55 + east, 5), union=union)
        for north, east in [AIRPORT, *random.normal(0, 0.06, (200, 2))]
    ]
    campaign = CampaignFactory(duty_hours=16, union=union)
    begins, lasts = random.uniform(30, 720, TASKS), random.uniform(20, 60, TASKS)
    start, end = np.where(random.random(TASKS) < 0.3, 0, random.integers(1, 201, TASKS)), random.integers(1, 201, TASKS)
    seats, load_kg = random.choice([1, 2, 4, 6], TASKS, p=[0.5, 0.3, 0.15, 0.05]), random.choice([0, 100, 500], TASKS)
    demands = random.choice(3, TASKS, p=[0.8, 0.15, 0.05])
    return Task.objects.bulk_create(
        Task(
            campaign=campaign, union=union, kind=TaskKind.TRANSPORT, status=TaskStatus.PUBLISHED, title="转运",
            site=places[start[row]], destination=places[end[row]], cargo=Cargo.RESIDENTS, vehicles_needed=1,
            seats_min=seats[row], load_kg_min=load_kg[row], airport=demands[row] == 1, wheelchair=demands[row] == 2,
            starts_at=now + timedelta(minutes=begins[row]), ends_at=now + timedelta(minutes=begins[row] + lasts[row]),
        )
        for row in range(TASKS)
    )  # fmt: skip
