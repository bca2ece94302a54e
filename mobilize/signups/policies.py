"""Who sees and changes which sign-ups."""

from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.core.actor import Actor
from mobilize.core.errors import Forbidden, NotFound, Unauthenticated
from mobilize.signups.models import Signup, SignupGroup, SwapProposal
from mobilize.signups.states import ProposalStatus, SignupStatus
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Shift
from mobilize.tasks.policies import open_shifts


def own(actor: Actor) -> QuerySet[Signup]:
    """The signed-in person's own sign-ups.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Signup.objects.filter(worker__user_id=actor.person)


def withdrawable(actor: Actor) -> QuerySet[Signup]:
    """Sign-ups that the signed-in person may give back: her own, her group's, and of people she signed up.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    person = actor.person
    return Signup.objects.filter(Q(worker__user_id=person) | Q(group__leader_id=person) | Q(signed_up_by_id=person))


def on_offer(actor: Actor) -> QuerySet[Signup]:
    """Other people's places that anybody who is signed in may take over.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    places = Signup.objects.filter(status=SignupStatus.CONFIRMED, up_for_swap_since__isnull=False)
    return places.exclude(worker__user_id=actor.person)


def proposals_of(actor: Actor) -> QuerySet[SwapProposal]:
    """Open proposals that the signed-in person made, or has to answer.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    person = actor.person
    mine = Q(place__worker__user_id=person) | Q(in_return__worker__user_id=person)
    return SwapProposal.objects.filter(mine, status=ProposalStatus.OPEN)


def ever_proposed_to(actor: Actor) -> QuerySet[SwapProposal]:
    """All proposals that the signed-in person had or has to answer, also settled ones.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return SwapProposal.objects.filter(place__worker__user_id=actor.person)


def led(actor: Actor) -> QuerySet[SignupGroup]:
    """The groups that the signed-in person leads.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return SignupGroup.objects.filter(leader_id=actor.person)


def groups_visible_to(actor: Actor) -> QuerySet[SignupGroup]:
    """Groups that the actor leads, and those of her branches at the desk.

    Raises:
        Unauthenticated
    """
    if actor.is_stranger:
        raise Unauthenticated
    at_the_desk = Q(shift__task__in=tasks.visible_to(actor))
    if actor.user_id is None:
        return SignupGroup.objects.filter(at_the_desk)
    return SignupGroup.objects.filter(Q(leader_id=actor.user_id) | at_the_desk)


def enrolled_by(actor: Actor) -> QuerySet[Signup]:
    """Other people's sign-ups that the signed-in person wrote, each on her own.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Signup.objects.filter(signed_up_by_id=actor.person, group=None).exclude(worker__user_id=actor.person)


def answerable(actor: Actor) -> QuerySet[Signup]:
    """Sign-ups for which the actor may answer: her own outside of a group, those of the group she leads or the people
    she signed up, and at the desk those of the branches where she dispatches.

    Raises:
        Unauthenticated
    """
    if actor.is_stranger:
        raise Unauthenticated
    at_the_desk = Q(shift__task__in=tasks.changeable_by(actor))
    if actor.user_id is None:
        return Signup.objects.filter(at_the_desk)
    return Signup.objects.filter(
        Q(worker__user_id=actor.user_id, group=None)
        | Q(group__leader_id=actor.user_id)
        | Q(signed_up_by_id=actor.user_id)
        | at_the_desk
    )


def visible_to_officer(actor: Actor) -> QuerySet[Signup]:
    """Sign-ups for tasks of the officer's or partner's branches."""
    return Signup.objects.filter(shift__task__in=tasks.visible_to(actor))


def demand_enrol(actor: Actor, *, shift_id: UUID) -> None:
    """Let pass who may sign other people up for a shift, each on her own: a dispatcher of the task's union, a partner
    with `tasks:write` for it, or the leader of the team that keeps the post.

    Raises:
        Unauthenticated
        NotFound: no such public shift.
        Forbidden: `leaders_only`; for officers see `unions.policies.demand`.
    """
    shift = open_shifts().filter(pk=shift_id).select_related("task", "post__team__leader").first()
    if shift is None:
        raise NotFound
    if actor.user_id and _leads_its_team(actor.user_id, shift):
        return
    try:
        tasks.demand_change(actor, union_id=shift.task.union_id)
    except NotFound:
        raise Forbidden("leaders_only") from None


def _leads_its_team(user_id: UUID, shift: Shift) -> bool:
    team = shift.post.team
    return bool(team and team.leader and team.leader.user_id == user_id)
