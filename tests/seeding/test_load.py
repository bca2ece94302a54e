"""Loading the city into an empty database, and loading it again."""

from datetime import datetime, timedelta

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from oauth2_provider.models import get_application_model

from mobilize.accounts.models import User
from mobilize.attendance import policies
from mobilize.campaigns.models import Campaign, Pledge
from mobilize.channels.models import Delivery
from mobilize.fleets.models import Fleet
from mobilize.outbox.models import Event
from mobilize.reminders.models import Reminder
from mobilize.reports.queries import count_figures
from mobilize.seeding import queries, services
from mobilize.seeding.files import read
from mobilize.signups.models import Signup
from mobilize.signups.states import TAKING_A_PLACE, SignupStatus
from mobilize.supply.models import SupplyChannel
from mobilize.tasks.models import Shift
from mobilize.unions.models import Officer, Union
from mobilize.workers.models import Worker
from tests import acting

pytestmark = pytest.mark.django_db
INVENTED_RANGE = ("+8619900000000", "+8619900099999")
REPORT = {
    "unions": 20,
    "views": 1_780_000,
    "volunteers": 62_329,
    "fleets": 70,
    "drivers": 4_500,
    "teams": 9,
    "person_trips": 1_360,
    "flights": 15,
    "supply_channels": 126,
}


@pytest.mark.usefixtures("city")
class TestALoadedCity:
    def test_reports_the_figures_of_the_story(self) -> None:
        assert queries.report() == REPORT

    def test_counts_every_figure_as_it_was_reported(self) -> None:
        wrong = {figure.fact.key: figure.value for figure in count_figures() if figure.value != figure.fact.value}
        assert wrong == {}

    def test_a_second_load_changes_nothing(self, loaded_at: datetime) -> None:
        before = _counts()
        assert services.load(now=loaded_at + timedelta(hours=1), progress=iter) is False
        assert _counts() == before

    def test_a_load_on_the_next_day_adds_the_shifts_of_one_day(self, loaded_at: datetime) -> None:
        last = Shift.objects.latest("starts_at").starts_at
        before = _counts()
        assert services.load(now=loaded_at + timedelta(days=1), progress=iter) is True
        new = Shift.objects.filter(starts_at__gt=last)
        assert {timezone.localdate(shift.starts_at) for shift in new} == {
            timezone.localdate(loaded_at) + timedelta(days=8)
        }
        after = _counts()
        assert {name for name in before if after[name] != before[name]} == {"Shift", "Signup"}
        assert not Shift.objects.filter(ends_at__gt=F("task__ends_at")).exists()

    def test_has_invented_people_only(self) -> None:
        assert not User.objects.filter(Q(is_invented=False) | ~Q(phone__range=INVENTED_RANGE)).exists()

    def test_says_nothing_to_anybody(self) -> None:
        assert not Delivery.objects.exists()
        assert not Reminder.objects.exists()
        assert not Event.objects.exists()

    def test_has_a_sign_up_for_every_volunteer(self) -> None:
        assert not Pledge.objects.exclude(worker__signups__status=SignupStatus.ATTENDED).exists()

    def test_overbooks_no_shift_and_lets_people_wait_only_where_it_is_full(self) -> None:
        shifts = Shift.objects.annotate(
            in_places=Count("signups", filter=Q(signups__status__in=TAKING_A_PLACE)),
            on_the_list=Count("signups", filter=Q(signups__status=SignupStatus.WAITLISTED)),
        )
        assert not shifts.exclude(taken=F("in_places"), waiting=F("on_the_list")).exists()
        assert not shifts.filter(waiting__gt=0, taken__lt=F("places")).exists()
        assert shifts.filter(waiting__gt=0).exists()

    def test_offers_shifts_in_every_district_on_each_day_of_the_week(self, loaded_at: datetime) -> None:
        free = Shift.objects.filter(starts_at__gt=loaded_at).values_list("starts_at__date", "post__site__district")
        days = {day for day, _ in free}
        assert len(days) == 8
        assert len(set(free)) == 8 * 11

    def test_has_a_group_that_is_signed_up_and_a_shift_that_opens_later(self, loaded_at: datetime) -> None:
        found = queries.examples(now=loaded_at)
        assert found.group is not None
        assert found.opens_later is not None
        assert [signup.status for signup in found.group.signups.all()] == [SignupStatus.CONFIRMED] * 6
        assert found.group.leader == User.objects.get(phone=read("demo")["worker"]["phone"])
        opens_at = found.opens_later.opens_at
        assert opens_at is not None
        assert loaded_at < opens_at < found.opens_later.starts_at

    def test_has_a_shift_about_to_begin_with_a_leader_who_keeps_its_list_and_a_worker_who_comes(
        self, loaded_at: datetime
    ) -> None:
        shift = queries.examples(now=loaded_at).on_the_spot
        assert shift is not None
        leader = User.objects.get(phone=read("demo")["team_leader"]["phone"])
        assert policies.kept_by(acting.worker(leader)).filter(pk=shift.pk).exists()
        assert shift.signups.filter(worker__user__phone=read("demo")["worker"]["phone"]).exists()

    def test_a_load_after_they_are_over_writes_them_anew(self, loaded_at: datetime) -> None:
        later = loaded_at + timedelta(days=6)
        with transaction.atomic():
            assert services.load(now=later, progress=iter) is True
            found = queries.examples(now=later)
            transaction.set_rollback(True)
        assert found.group is not None
        assert found.opens_later is not None
        assert found.on_the_spot is not None

    def test_lets_two_demo_leaders_promise_28_and_12_vehicles(self) -> None:
        for leader, vehicles in zip(read("demo")["leaders"], [28, 12], strict=True):
            fleet = Fleet.objects.get(leader__phone=leader["phone"])
            assert fleet.drivers.filter(active=True, vehicle__active=True).count() >= vehicles
            assert not fleet.offers.exists()

    def test_lets_the_demo_officer_sign_in_with_password_and_second_factor(self) -> None:
        entry = read("demo")["officer"]
        user = User.objects.get(phone=entry["phone"])
        assert user.check_password(entry["password"])
        secret = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
        assert get_adapter().decrypt(secret) == entry["totp_secret"]
        assert (
            Officer.objects.get(user=user).union
            == Fleet.objects.get(leader__phone=read("demo")["leaders"][0]["phone"]).union
        )

    def test_knows_the_demo_partner(self) -> None:
        entry = read("demo")["partner"]
        application = get_application_model().objects.get(client_id=entry["client_id"])
        assert application.union.code == entry["union"]


def _counts() -> dict[str, int]:
    models = [User, Worker, Union, Campaign, Pledge, Fleet, Shift, Signup, SupplyChannel]
    return {model.__name__: model._default_manager.count() for model in models}
