"""The pages that are looked at and weighed, one after another: those of a city in which all of them have content."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mobilize.accounts import passwords
from mobilize.attendance import checkins, codes
from mobilize.calendars import services as calendars
from mobilize.campaigns.models import CovenantArticle
from mobilize.channels import addresses, links
from mobilize.channels import services as channels
from mobilize.channels.models import Delivery
from mobilize.core.actor import OFFICER, WORKER, Actor
from mobilize.dispatch import plans
from mobilize.dispatch import services as dispatch
from mobilize.dispatch.states import PlanMode
from mobilize.recognition import services as certificates
from mobilize.reminders import broadcasts
from mobilize.signups import swaps, turns
from mobilize.signups.services import withdraw
from mobilize.unions.states import Role
from tests import acting
from tests.channels.test_addresses import WECOM
from tests.factories import (
    CampaignFactory,
    DriverFactory,
    FleetFactory,
    HonourFactory,
    OfficerFactory,
    PostFactory,
    ServiceRecordFactory,
    ShiftFactory,
    SignupFactory,
    TeamFactory,
    TransportFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.signups.lists import bring
from tests.signups.test_sign_up import join


def lived_in() -> dict[str, Any]:
    """Make a campaign with a shift, an officer, a leader with an open and an accepted offer, a worker with a duty.

    Returns:
        The addresses of all pages by who opens them ("stranger", "worker", "officer"), and those "people".
    """
    campaign = CampaignFactory()
    for number in range(1, 16):
        CovenantArticle.objects.create(campaign=campaign, number=number, text="听从带队人安排，按时到岗。")
    officer = OfficerFactory(union=campaign.union, role=Role.ADMIN)
    UnionFactory(parent=campaign.union, level="district")
    viewer = OfficerFactory(union=campaign.union, role=Role.VIEWER)
    with transaction.atomic():
        passwords.send_link(user=viewer.user, now=timezone.now())
    link = re.search(r"/accounts/\S+", Delivery.objects.get().body)[0]
    shift = ShiftFactory(task__campaign=campaign, task__union=campaign.union)
    worker = WorkerFactory(union=campaign.union)
    signup = SignupFactory(shift=shift, worker=worker)
    honours = [
        HonourFactory(worker=worker, year=year, status=status, verified_at=timezone.now())
        for year, status in ((2018, "claimed"), (2019, "verified"), (2020, "revoked"))
    ]
    later = ShiftFactory(task=shift.task, starts_at=shift.ends_at, places=3)
    holder = join(later, WorkerFactory())
    group = bring(later, worker, 2)
    withdraw(actor=acting.worker(holder.worker.user), signup_id=holder.pk, now=timezone.now())
    asked = group.signups.exclude(worker=worker).first()
    queued = [
        turns.take(actor=acting.worker(WorkerFactory().user), shift_id=shift.pk, accepts_covenant=True, via="")
        for _ in range(2)
    ]
    swapped = [
        SignupFactory(
            shift=ShiftFactory(task=shift.task, starts_at=shift.starts_at + timedelta(days=day)), worker=whose
        )
        for day, whose in ((2, worker), (3, WorkerFactory()))
    ]
    for one in swapped:
        swaps.look_for_somebody(actor=acting.worker(one.worker.user), signup_id=one.pk, now=timezone.now())
    swaps.propose(actor=acting.worker(swapped[1].worker.user), signup_id=swapped[0].pk, in_return_id=swapped[1].pk,
                  now=timezone.now())  # fmt: skip
    fleet = FleetFactory(union=campaign.union, drivers=3, leader=worker.user)
    DriverFactory(fleet=fleet, worker=worker)
    tasks = [
        TransportFactory(campaign=campaign, union=campaign.union, starts_at=timezone.now() + timedelta(hours=hours),
                         ends_at=timezone.now() + timedelta(hours=hours + 1), vehicles_needed=4)
        for hours in (1, 3)
    ]  # fmt: skip
    open_offer, taken = [
        dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())[0]
        for task in tasks
    ]
    dispatch.accept(actor=acting.worker(worker.user), offer_id=taken.pk, vehicles=3, now=timezone.now())
    team = TeamFactory(campaign=campaign, union=campaign.union, leader=worker)
    post = PostFactory(site__union=campaign.union, team=team, kind="gate")
    under_way = ShiftFactory(task=shift.task, post=post, starts_at=timezone.now() - timedelta(minutes=5), places=9)
    at_post = [SignupFactory(shift=under_way) for _ in range(3)]
    keep = {"actor": acting.worker(worker.user), "shift_id": under_way.pk, "now": timezone.now()}
    checkins.keep(worker_id=at_post[0].worker_id, step="arrived", **keep)
    checkins.no_show(worker_id=at_post[1].worker_id, **keep)
    needed = TransportFactory(campaign=campaign, union=campaign.union, starts_at=timezone.now() + timedelta(hours=9),
                              ends_at=timezone.now() + timedelta(hours=10), vehicles_needed=6)  # fmt: skip
    plan = plans.propose(actor=acting.officer(officer), task_ids=[needed.pk], mode=PlanMode.DRIVERS, now=timezone.now())
    with transaction.atomic():
        lost = channels.queue(channels.Draft(
            kind="hour_before", phone=str(worker.user.phone), body="1 小时后上岗。", subject_id=signup.pk,
            recipient_id=worker.user_id, union_id=campaign.union_id, due_at=timezone.now(),
            expires_at=timezone.now()), now=timezone.now())  # fmt: skip
    acting.send_messages(now=timezone.now())
    written = {"union_id": campaign.union_id, "audience": "branch", "text": "明早请戴口罩。", "now": timezone.now()}
    bulk = [broadcasts.write(actor=acting.officer(officer), **written) for _ in range(2)]
    broadcasts.start(actor=acting.officer(officer), broadcast_id=bulk[1].pk, now=timezone.now())
    for channel, address in (("email", "wang@example.org"), ("email", "li@example.org"), ("chat", WECOM)):
        given = addresses.add(
            actor=Actor(user_id=worker.user_id, scopes=frozenset({WORKER, OFFICER})),
            channel=channel,
            address=address,
            now=timezone.now(),
        )
    addresses.send_test(actor=acting.worker(worker.user), address_id=given.pk, now=timezone.now())
    mailbox, removed = worker.user.addresses.filter(channel="email")
    addresses.remove(actor=acting.worker(worker.user), address_id=removed.pk, now=timezone.now())
    confirm = links.link(address_id=mailbox.pk, now=timezone.now()).removeprefix(settings.PUBLIC_URL)
    calendars.make(actor=acting.worker(worker.user), now=timezone.now())  # that of her team stays off
    ServiceRecordFactory(union=worker.union, worker=worker, task=shift.task, services=1, minutes=90, source="code")
    certificate = certificates.issue(actor=acting.worker(worker.user), campaign_id=campaign.pk, now=timezone.now())
    return {
        "stranger": [
            "/", f"/c/{campaign.slug}/covenant/", "/shifts/", "/shifts/?near=37.871,112.551",
            f"/c/{campaign.slug}/u/{campaign.union.code}/", f"/c/{campaign.slug}/u/{campaign.union.code}/poster/",
            f"/shifts/{shift.pk}/", f"/shifts/{shift.pk}/join/", *(f"/turn/{ticket}/" for ticket in queued),
            "/sign-in/", "/city/", "/demo/", "/accounts/login/", "/nowhere/",
            "/accounts/password/forgotten/", link, confirm, "/a/odd/",
            "/certificates/", "/certificates/?number=1", f"/certificates/{certificate.number}/", "/calendars/odd.ics",
        ],
        "worker": [
            "/me/certificates/", f"/me/certificates/{certificate.pk}/", "/me/", "/me/profile/",
            "/me/honours/", "/me/messages/", "/me/addresses/", "/me/calendar/", "/me/calendar/renew/",
            f"/signups/{signup.pk}/", f"/signups/{signup.pk}/withdraw/", "/me/offers/",
            f"/shifts/{later.pk}/group/", f"/groups/{group.pk}/", f"/signups/{asked.pk}/withdraw/",
            f"/offers/{open_offer.pk}/", f"/offers/{taken.pk}/", "/me/trips/", f"/trips/{taken.trips.first().pk}/",
            f"/trips/{taken.trips.first().pk}/abort/", "/me/hours/", f"/shifts/{shift.pk}/here/",
            "/swaps/", f"/swaps/{swapped[1].pk}/", f"/signups/{swapped[0].pk}/swap/", f"/signups/{signup.pk}/swap/",
            f"/shifts/{under_way.pk}/attendance/", *(f"/shifts/{under_way.pk}/attendance/{page}/"
            for page in ("code", "scan", "walk-in", "paper", "sheet")),
            f"/w/{codes.of_signup(at_post[2].pk)}/",
        ],
        "officer": [
            "/desk/", "/desk/unions/", "/desk/posters/", "/desk/honours/", "/desk/honours/?status=verified",
            f"/desk/honours/{honours[0].pk}/revoke/", "/desk/officers/", "/desk/officers/new/",
            "/desk/teams/", f"/desk/teams/{team.pk}/",
            f"/desk/officers/{viewer.pk}/", f"/desk/officers/{viewer.pk}/dismiss/",
            "/desk/messages/", f"/desk/messages/{lost.pk}/", "/desk/messages/calls/",
            "/desk/messages/rules/", *(f"/desk/messages/rules/{kind}/" for kind in ("evening_before", "enrolled")),
            "/desk/budgets/", f"/desk/budgets/{campaign.pk}/",
            "/desk/broadcasts/", "/desk/broadcasts/new/", *(f"/desk/broadcasts/{one.pk}/" for one in bulk),
            "/desk/people/merge/", f"/desk/people/merge/{worker.pk}/{asked.worker_id}/",
            "/desk/fleets/", f"/desk/fleets/{fleet.pk}/", "/desk/fleets/new/",
            f"/desk/fleets/{fleet.pk}/base/", "/desk/dispatch/", f"/desk/dispatch/plans/{plan.pk}/",
            "/desk/tasks/", "/desk/tasks/new/transport/", "/desk/tasks/new/duty/", f"/desk/tasks/{tasks[1].pk}/",
            f"/desk/tasks/{tasks[1].pk}/offers/", f"/desk/tasks/{shift.task_id}/",
            f"/desk/tasks/{shift.task_id}/shifts/new/", f"/desk/shifts/{shift.pk}/", f"/desk/shifts/{later.pk}/",
            f"/desk/shifts/{later.pk}/enrol/", f"/desk/shifts/{later.pk}/places/", f"/desk/signups/{asked.pk}/",
            f"/desk/shifts/{under_way.pk}/people/{at_post[0].worker_id}/correct/",
        ],
        "people": {"worker": worker.user, "officer": officer.user},
    }  # fmt: skip
