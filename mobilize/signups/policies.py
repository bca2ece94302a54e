"""Who sees and changes which sign-ups."""

from django.db.models import QuerySet

from mobilize.core.actor import Actor
from mobilize.signups.models import Signup
from mobilize.tasks import policies as tasks


def own(actor: Actor) -> QuerySet[Signup]:
    """The signed-in person's own sign-ups.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Signup.objects.filter(worker__user_id=actor.person)


def visible_to_officer(actor: Actor) -> QuerySet[Signup]:
    """Sign-ups for tasks of the officer's or partner's branches."""
    return Signup.objects.filter(shift__task__in=tasks.visible_to(actor))
