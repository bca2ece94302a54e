"""Who sees and answers which offers and trips."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from mobilize.core.actor import Actor
from mobilize.core.errors import Forbidden, NotFound, Unauthenticated
from mobilize.dispatch import queries
from mobilize.dispatch.models import Assignment, Offer, Plan, Trip
from mobilize.fleets import policies as fleets
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Flight, Task
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

WRITE = "dispatch:write"


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Offers of the officer's tasks, and those made to a person's fleet or to her as a driver."""
    return Offer.objects.filter(Q(task__in=tasks.visible_to(actor)) | _addressed_to(actor.user_id))


def offers_to(actor: Actor) -> QuerySet[Offer]:
    """Offers the signed-in person answers: as a fleet's leader or as a driver.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Offer.objects.filter(_addressed_to(actor.person))


def _addressed_to(user_id: UUID | None) -> Q:
    if user_id is None:
        return Q(pk__in=[])
    return Q(fleet__leader_id=user_id) | Q(driver__worker__user_id=user_id)


def trips_visible_to(actor: Actor) -> QuerySet[Trip]:
    """Trips of the officer's tasks, of a leader's fleet, and a driver's own."""
    return Trip.objects.filter(Q(task__in=tasks.visible_to(actor)) | _driven_by(actor.user_id))


def trips_of(actor: Actor) -> QuerySet[Trip]:
    """Trips the signed-in person drives or leads.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Trip.objects.filter(_driven_by(actor.person))


def _driven_by(user_id: UUID | None) -> Q:
    if user_id is None:
        return Q(pk__in=[])
    return Q(driver__worker__user_id=user_id) | Q(driver__fleet__leader_id=user_id)


def dispatchable_by(actor: Actor) -> QuerySet[Task]:
    """Tasks that the actor may offer to fleets and drivers."""
    return Task.objects.filter(union_id__in=unions.branch(actor, at_least=Role.DISPATCHER, scope=WRITE))


def plans_visible_to(actor: Actor) -> QuerySet[Plan]:
    """Plans whose tasks the actor may all offer, to fleets and drivers she all sees: a superior's may name others."""
    others = Plan.tasks.through.objects.filter(plan=OuterRef("pk")).exclude(task__in=dispatchable_by(actor))
    seen = fleets.visible_to(actor)
    unseen = Assignment.objects.filter(~Q(fleet__in=seen), ~Q(driver__fleet__in=seen), plan=OuterRef("pk"))
    return Plan.objects.filter(~Exists(others), ~Exists(unseen))


def flights_visible_to(actor: Actor) -> QuerySet[Flight]:
    """Flights of the officer's or partner's branches."""
    return Flight.objects.filter(union_id__in=unions.branch(actor, at_least=Role.VIEWER, scope=tasks.READ))


def demand_dispatching(actor: Actor, union_id: UUID) -> None:
    """Let pass a dispatcher of the union, or a partner with `dispatch:write` for it.

    Raises:
        Unauthenticated, NotFound, Forbidden
    """
    unions.demand(actor, union_id=union_id, at_least=Role.DISPATCHER, scope=WRITE)


def demand_offering(actor: Actor, task: Task) -> None:
    """Let pass a dispatcher of the task's union, or a partner with `dispatch:write` for it.

    Raises:
        Unauthenticated, NotFound, Forbidden
    """
    demand_dispatching(actor, task.union_id)


def demand_answer(actor: Actor, offer: Offer) -> None:
    """Let pass the fleet's leader or the driver the offer was made to: an officer does not answer for them.

    Raises:
        Unauthenticated, Forbidden
    """
    if actor.person != queries.addressee(offer):
        raise Forbidden("leader_only")


def demand_driving(actor: Actor, trip: Trip) -> None:
    """Let pass the driver, the fleet's leader, or a dispatcher of the task's union.

    Raises:
        Unauthenticated, Forbidden
    """
    if actor.is_stranger:
        raise Unauthenticated
    if actor.user_id in {trip.driver.worker.user_id, trip.driver.fleet.leader_id}:
        return
    try:
        demand_offering(actor, trip.task)
    except NotFound:
        raise Forbidden from None
