"""Many new rows, and many ids, at once."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mobilize.core import bulk
from mobilize.dispatch.models import Offer, Plan
from mobilize.outbox.models import Event
from mobilize.tasks.models import Task
from tests.factories import DriverFactory, TransportFactory

pytestmark = pytest.mark.django_db
SIZES = [bulk.MANY - 1, bulk.MANY]  # by INSERT, by COPY


@pytest.mark.parametrize("count", SIZES)
def test_rows_are_read_back_as_they_were_written(count):
    now = timezone.now()
    data = {"name": '王\t"芳"\n\\N', "none": None, "list": [1, 2.5, True]}
    events = [Event(topic="a\tb\\.", subject_id=uuid4(), data=data, created_at=now) for _ in range(count)]
    bulk.insert(events)
    fields = ["pk", "created_at", "topic", "subject_id", "data", "relayed_at", "done_at"]
    wanted = sorted([tuple(getattr(event, name) for name in fields) for event in events], key=lambda row: row[0])
    assert list(Event.objects.order_by("pk").values_list(*fields)) == wanted


@pytest.mark.parametrize("count", SIZES)
def test_the_database_gives_out_the_keys_of_rows_that_have_none(count):
    through = Plan.tasks.through
    plans = [Plan(mode="drivers") for _ in range(count)]
    bulk.insert(plans)
    task = TransportFactory()
    bulk.insert([through(plan_id=plan.pk, task_id=task.pk) for plan in plans])
    assert set(task.plans.values_list("pk", flat=True)) == {plan.pk for plan in plans}


@pytest.mark.parametrize("count", SIZES)
def test_a_broken_constraint_names_itself_and_nothing_is_written(count):
    task, driver, now = TransportFactory(), DriverFactory(), timezone.now()
    twice = [
        Offer(task_id=task.pk, driver_id=driver.pk, vehicles_offered=1, expires_at=now, created_at=now)
        for _ in range(count)
    ]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        bulk.insert(twice)
    assert refused.value.__cause__.diag.constraint_name == "a_driver_has_one_open_offer"
    assert not Offer.objects.exists()


def test_a_reference_to_nothing_is_refused():
    offers = [
        Offer(task_id=uuid4(), driver_id=uuid4(), vehicles_offered=1, expires_at=timezone.now())
        for _ in range(bulk.MANY)
    ]
    bulk.insert(offers)
    with pytest.raises(IntegrityError, match="foreign key"):
        connection.check_constraints()  # as at the end of a transaction


def test_nothing_is_written_of_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert([])


def test_many_ids_are_asked_for_in_one_parameter():
    some, _ = TransportFactory(), TransportFactory()
    assert list(Task.objects.filter(pk__in=bulk.among([some.pk, uuid4()]))) == [some]
    assert not Task.objects.filter(pk__in=bulk.among([])).exists()
