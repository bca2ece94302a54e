"""Sites, teams with their posts, tasks, and the shifts people sign up for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.campaigns.models import Campaign
from mobilize.core.models import BaseModel
from mobilize.tasks.states import Cargo, PostKind, RiskClass, SiteKind, TaskKind, TaskStatus, Urgency
from mobilize.unions.models import Union
from mobilize.workers.models import Worker


class Site(BaseModel):
    """A place on the map (点位)."""

    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=150, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=SiteKind.choices)
    district = models.CharField(_("district"), max_length=30)
    address = models.CharField(_("address"), max_length=200)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, verbose_name=_("latitude"))
    longitude = models.DecimalField(max_digits=8, decimal_places=5, verbose_name=_("longitude"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="sites", verbose_name=_("union"))
    sort_key = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = pgettext_lazy("back office", "sites")
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="a_site_has_one_name_in_its_district"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
                name="a_site_lies_on_the_earth",
            ),
        ]
        indexes = [models.Index(fields=["district", "sort_key"], name="site_by_district")]

    def __str__(self) -> str:
        return self.name


class Team(BaseModel):
    """A specialist team (专班) with fixed people on fixed posts."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams", verbose_name=_("campaign"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="teams", verbose_name=_("union"))
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    leader = models.ForeignKey(
        Worker, models.SET_NULL, null=True, blank=True, related_name="led_teams", verbose_name=_("leader")
    )
    position = models.PositiveSmallIntegerField(default=0, verbose_name=_("position"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = pgettext_lazy("back office", "teams")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "union", "name"], name="a_team_has_one_name_in_its_union")
        ]
        indexes = [models.Index(fields=["campaign", "position"], name="team_by_campaign")]

    def __str__(self) -> str:
        return self.name


class Post(BaseModel):
    """A kind of duty at a site (岗位), kept by a team where there is one."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="posts", verbose_name=_("site"))
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="posts", verbose_name=_("team"))
    kind = models.CharField(_("kind"), max_length=15, choices=PostKind.choices)
    note = models.CharField(_("what to do there"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = pgettext_lazy("back office", "posts")
        constraints = [models.UniqueConstraint(fields=["site", "kind"], name="a_site_has_each_post_once")]

    def __str__(self) -> str:
        return f"{self.site} · {self.get_kind_display()}"


class Flight(BaseModel):
    """A flight whose passengers are fetched; its tasks move with it."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="flights", verbose_name=_("campaign"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="flights", verbose_name=_("union"))
    number = models.CharField(_("flight number"), max_length=10)
    site = models.ForeignKey(Site, models.PROTECT, related_name="flights", verbose_name=_("airport"))
    arrives_at = models.DateTimeField(_("arrives at"))
    passengers = models.PositiveSmallIntegerField(_("passengers"))
    risk = models.CharField(_("risk class"), max_length=6, choices=RiskClass.choices, default=RiskClass.LOW)

    class Meta:
        verbose_name = _("flight")
        verbose_name_plural = pgettext_lazy("back office", "flights")
        constraints = [
            models.CheckConstraint(condition=Q(passengers__range=(1, 900)), name="a_flight_has_1_to_900_passengers"),
            models.UniqueConstraint(fields=["union", "number", "arrives_at"], name="a_union_writes_a_flight_down_once"),
        ]
        indexes = [models.Index(fields=["union", "arrives_at"], name="flight_by_union")]

    def __str__(self) -> str:
        return f"{self.number} {self.arrives_at:%Y-%m-%d %H:%M}"


class Task(BaseModel):
    """A piece of work of a union: post duty with shifts, or transport with a number of vehicles."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="tasks", verbose_name=_("campaign"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="tasks", verbose_name=_("union"))
    kind = models.CharField(_("kind"), max_length=10, choices=TaskKind.choices)
    title = models.CharField(_("title"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(
        max_length=10, choices=TaskStatus.choices, default=TaskStatus.DRAFT, verbose_name=_("status")
    )
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency.choices, default=Urgency.NORMAL)
    site = models.ForeignKey(Site, models.PROTECT, related_name="tasks", verbose_name=_("site"))
    destination = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="tasks_towards", verbose_name=_("destination")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    vehicles_needed = models.PositiveSmallIntegerField(_("vehicles needed"), default=0)
    # written by dispatch alone, in one conditional UPDATE
    vehicles_accepted = models.PositiveSmallIntegerField(_("vehicles accepted"), default=0)
    cargo = models.CharField(_("what is carried"), max_length=12, choices=Cargo.choices, blank=True)
    seats_min = models.PositiveSmallIntegerField(_("seats at least"), default=0)
    load_kg_min = models.PositiveIntegerField(_("load at least, kg"), default=0)
    refrigerated = models.BooleanField(_("refrigerated vehicles only"), default=False)
    wheelchair = models.BooleanField(_("vehicles that take a wheelchair only"), default=False)
    airport = models.BooleanField(_("drivers cleared for the airport only"), default=False)
    flight = models.ForeignKey(
        Flight, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("flight")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_by_client = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = pgettext_lazy("back office", "tasks")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_task_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(kind=TaskKind.DUTY, vehicles_needed=0)
                | Q(kind=TaskKind.TRANSPORT, vehicles_needed__gt=0, vehicles_needed__lte=1000),
                name="only_transport_needs_vehicles",
            ),
            models.CheckConstraint(
                condition=Q(vehicles_accepted__lte=F("vehicles_needed")),
                name="never_more_vehicles_accepted_than_needed",
            ),
            models.CheckConstraint(
                condition=Q(kind=TaskKind.DUTY) | Q(destination__isnull=False),
                name="transport_goes_somewhere",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "status", "-urgency", "starts_at"], name="task_by_union"),
            models.Index(fields=["status", "-urgency", "starts_at"], name="task_by_urgency"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def vehicles_left(self) -> int:
        """How many vehicles are still needed."""
        return self.vehicles_needed - self.vehicles_accepted


class Shift(BaseModel):
    """A stretch of time at a post with places to fill (班次)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="shifts", verbose_name=_("task"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="shifts", verbose_name=_("post"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    places = models.PositiveSmallIntegerField(_("places"))
    opens_at = models.DateTimeField(_("sign-up opens at"), null=True, blank=True)
    called_off_at = models.DateTimeField(_("called off at"), null=True, blank=True, editable=False)
    # How often its time or place changed, and when last: calendars go by it. See `tasks.services.count_move`.
    moves = models.PositiveIntegerField(_("times moved"), default=0, editable=False)
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True, editable=False)
    # Written by sign-ups alone, in the statement that takes or frees the places.
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0, editable=False)
    waiting = models.PositiveIntegerField(_("people waiting"), default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)  # of those ever given on the waiting list

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = pgettext_lazy("back office", "shifts")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(places__gt=0), name="a_shift_has_a_place"),
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name="never_more_places_taken_than_there_are"),
            models.UniqueConstraint(
                fields=["post", "starts_at"],
                condition=Q(called_off_at=None),
                name="a_post_has_one_shift_at_a_time",
            ),
            # So the statement that takes places need not ask for it.
            models.CheckConstraint(
                condition=Q(called_off_at=None) | Q(opens_at__gte=F("starts_at")),
                name="a_shift_called_off_never_opens",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="shift_by_time"),
            models.Index(fields=["task", "starts_at"], name="shift_by_task"),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def left(self) -> int:
        """How many places are free."""
        return self.places - self.taken
