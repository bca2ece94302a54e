"""Rows for tests, the smallest that stand on their own."""

from datetime import timedelta
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.attendance.models import ServiceRecord
from mobilize.attendance.states import Source
from mobilize.campaigns.models import Campaign
from mobilize.campaigns.states import CampaignStatus
from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetKind, FleetStatus
from mobilize.partners.models import Application
from mobilize.signups.models import Signup
from mobilize.signups.states import TAKING_A_PLACE, SignupStatus
from mobilize.tasks.models import Post, Shift, Site, Task, Team
from mobilize.tasks.states import Cargo, PostKind, SiteKind, TaskKind, TaskStatus
from mobilize.unions.models import Officer, Union
from mobilize.unions.states import Level, Role
from mobilize.workers.models import Honour, Worker
from mobilize.workers.states import HonourKind, HonourLevel


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    phone = factory.Sequence(lambda n: f"+86139{n:08d}")
    name = factory.Sequence(lambda n: f"职工{n}")


class UnionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Union

    code = factory.Sequence(lambda n: f"union-{n}")
    name = factory.Sequence(lambda n: f"工会{n}")
    level = Level.CITY


class OfficerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Officer

    user = factory.SubFactory(UserFactory)
    union = factory.SubFactory(UnionFactory)
    role = Role.DISPATCHER


class WorkerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Worker

    user = factory.SubFactory(UserFactory)
    union = factory.SubFactory(UnionFactory)
    consented_at = factory.LazyFunction(timezone.now)


class HonourFactory(factory.django.DjangoModelFactory):
    """A claim: city labour model of 2019."""

    class Meta:
        model = Honour

    worker = factory.SubFactory(WorkerFactory)
    kind = HonourKind.LABOUR_MODEL
    level = HonourLevel.CITY
    awarding_body = "太原市总工会"
    year = 2019


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    slug = factory.Sequence(lambda n: f"campaign-{n}")
    union = factory.SubFactory(UnionFactory)
    title = "无疫社区,工会在行动"
    appeal = "倡议书"
    status = CampaignStatus.OPEN
    starts_on = factory.LazyFunction(timezone.localdate)
    rest_hours = 0  # between two days; tests run at any hour, and midnight may lie between two of their tasks


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    name = factory.Sequence(lambda n: f"点位{n}")
    kind = SiteKind.COMMUNITY
    district = "迎泽区"
    address = "迎泽大街1号"
    latitude = 37.87
    longitude = 112.55
    union = factory.SubFactory(UnionFactory)


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    campaign = factory.SubFactory(CampaignFactory)
    union = factory.SubFactory(UnionFactory)
    name = factory.Sequence(lambda n: f"专班{n}")


class PostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Post

    site = factory.SubFactory(SiteFactory)
    kind = PostKind.ORDER


class DutyFactory(factory.django.DjangoModelFactory):
    """A published duty task of a week."""

    class Meta:
        model = Task

    campaign = factory.SubFactory(CampaignFactory)
    union = factory.SubFactory(UnionFactory)
    site = factory.SubFactory(SiteFactory)
    kind = TaskKind.DUTY
    title = "小区卡口值守"
    status = TaskStatus.PUBLISHED
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class TransportFactory(DutyFactory):
    """A published transport task that needs 40 vehicles in an hour."""

    kind = TaskKind.TRANSPORT
    title = "转运居民"
    destination = factory.SubFactory(SiteFactory)
    cargo = Cargo.RESIDENTS
    vehicles_needed = 40
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=5))


class ShiftFactory(factory.django.DjangoModelFactory):
    """Six hours of tomorrow-ish duty with two places."""

    class Meta:
        model = Shift

    task = factory.SubFactory(DutyFactory)
    post = factory.SubFactory(PostFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=2))
    ends_at = factory.LazyAttribute(lambda shift: shift.starts_at + timedelta(hours=6))
    places = 2


class SignupFactory(factory.django.DjangoModelFactory):
    """A confirmed place, counted at its shift."""

    class Meta:
        model = Signup

    shift = factory.SubFactory(ShiftFactory)
    worker = factory.SubFactory(WorkerFactory)
    status = SignupStatus.CONFIRMED
    during = factory.LazyAttribute(lambda signup: DateTimeTZRange(signup.shift.starts_at, signup.shift.ends_at))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        signup = super()._create(model_class, *args, **kwargs)
        if signup.status in TAKING_A_PLACE:
            Shift.objects.filter(pk=signup.shift_id).update(taken=F("taken") + 1)
        return signup


class FleetFactory(factory.django.DjangoModelFactory):
    """An enrolled fleet; `drivers=28` gives it as many drivers with five-seat cars."""

    class Meta:
        model = Fleet
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"车队{n}")
    kind = FleetKind.TAXI
    union = factory.SubFactory(UnionFactory)
    leader = factory.SubFactory(UserFactory)
    status = FleetStatus.ENROLLED
    enrolled_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def drivers(self, create: bool, extracted: int | None, **kwargs: Any) -> None:
        for _ in range(extracted or 0):
            DriverFactory(fleet=self)


class VehicleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Vehicle

    fleet = factory.SubFactory(FleetFactory)
    plate = factory.Sequence(lambda n: f"晋A{n:05d}")
    seats = 4


class DriverFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Driver

    fleet = factory.SubFactory(FleetFactory)
    worker = factory.SubFactory(WorkerFactory, union=factory.SelfAttribute("..fleet.union"))
    vehicle = factory.SubFactory(VehicleFactory, fleet=factory.SelfAttribute("..fleet"))


class ServiceRecordFactory(factory.django.DjangoModelFactory):
    """A union's report of today."""

    class Meta:
        model = ServiceRecord

    union = factory.SubFactory(UnionFactory)
    day = factory.LazyFunction(timezone.localdate)
    source = Source.REPORT


class PartnerFactory(factory.django.DjangoModelFactory):
    """A partner system with every scope; its secret is `partner-secret`."""

    class Meta:
        model = Application

    name = factory.Sequence(lambda n: f"partner-{n}")
    union = factory.SubFactory(UnionFactory)
    client_id = factory.Sequence(lambda n: f"client-{n}")
    client_secret = "partner-secret"
    client_type = Application.CLIENT_CONFIDENTIAL
    authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
    allowed_scopes = "tasks:read tasks:write fleets:read fleets:write dispatch:write"
