"""What is kept about one person, gathered from every app."""

from typing import Any
from uuid import UUID

from django.db.models import F

from mobilize.accounts import queries as accounts
from mobilize.attendance.models import Correction
from mobilize.calendars.models import Feed
from mobilize.channels import queries as channels
from mobilize.channels.models import Address, Delivery
from mobilize.channels.states import ChannelName
from mobilize.dispatch.models import Offer, Trip
from mobilize.fleets.models import Driver, Fleet
from mobilize.reminders.models import Reminder
from mobilize.unions.models import Officer
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile


def of_person(*, user_id: UUID) -> dict[str, Any]:
    """Return everything kept about a person, her phone number in full: for herself alone.

    Of messages it tells kind and times: a sign-in code stays a secret.

    Raises:
        NotFound
    """
    user = accounts.user(user_id=user_id)
    worker = profile(user_id=user_id)
    return {
        "phone": str(user.phone),
        "name": user.name,
        "language": user.language,
        "joined": user.date_joined,
        "profile": worker and _profile(worker),
        "driver": worker and _driver(worker),
        "takes_sms": channels.takes_sms(str(user.phone)),
        "addresses": [_address(row) for row in channels.kept(Address.objects.filter(user=user))],
        "calendars": list(Feed.objects.filter(user=user).values("created_at", team_name=F("team__name"))),
        "offices": list(Officer.objects.filter(user=user).values("role", union_name=F("union__name"))),
        "fleets_led": list(
            Fleet.objects.filter(leader=user).values(
                "name", "kind", "status", "created_at", union_name=F("union__name")
            )
        ),
        "offers_answered": list(
            Offer.objects.filter(answered_by=user).values(
                *("status", "vehicles_offered", "vehicles_accepted", "answered_at"), task_title=F("task__title")
            )
        ),
        "reminders": list(Reminder.objects.filter(user=user).values("kind", "due_at", "status")),
        "messages": list(
            Delivery.objects.filter(recipient=user).values("kind", "channel", "status", "created_at", "sent_at")
        ),
    }


def _address(row: Address) -> dict[str, Any]:
    """An e-mail address in full; of robots and browsers no more than pages show, since who has theirs speaks there."""
    return {
        "channel": row.channel,
        "address": row.address if row.channel == ChannelName.EMAIL else row.masked,
        "label": row.label,
        "state": row.state,
        "created_at": row.created_at,
        "confirmed_at": row.confirmed_at,
    }


def _profile(worker: Worker) -> dict[str, Any]:
    return {
        "union": worker.union.name,
        "home_community": worker.home_community,
        "skills": worker.skills,
        "consented_at": worker.consented_at,
        "pledges": list(worker.pledges.values("created_at", campaign_title=F("campaign__title"))),
        "honours": list(worker.honours.values("kind", "level", "awarding_body", "year", "status", "created_at")),
        "signups": list(
            worker.signups.values(
                *("status", "created_at", "withdrawn_at"),
                site=F("shift__post__site__name"),
                starts_at=F("shift__starts_at"),
                ends_at=F("shift__ends_at"),
            )
        ),
        "checkins": list(
            worker.checkins.values(
                *("arrived_at", "arrived_heard_at", "arrived_source", "left_at", "left_source", "distance_m"),
                site=F("shift__post__site__name"),
            )
        ),
        "corrections": list(
            Correction.objects.filter(checkin__worker=worker).values(
                *("created_at", "why", "arrived_before", "left_before", "arrived_after", "left_after")
            )
        ),
        "services": list(worker.service_records.values("day", "person_trips", "services", "minutes", "source")),
    }


def _driver(worker: Worker) -> dict[str, Any] | None:
    driver = Driver.objects.filter(worker=worker).select_related("fleet", "vehicle").first()
    if driver is None:
        return None
    vehicle = driver.vehicle
    stages = ("en_route_at", "arrived_at", "loaded_at", "completed_at", "aborted_at")
    return {
        "fleet": driver.fleet.name,
        "active": driver.active,
        "vehicle": vehicle
        and {
            "plate": vehicle.plate,
            "seats": vehicle.seats,
            "load_kg": vehicle.load_kg,
            "refrigerated": vehicle.refrigerated,
        },
        "trips": list(
            Trip.objects.filter(driver=driver).values(
                *("status", "starts_at", "ends_at", "persons", "parcels", "why_aborted", *stages),
                task_title=F("task__title"),
                plate=F("vehicle__plate"),
            )
        ),
    }
