"""Who sees whose certificates."""

from django.db.models import QuerySet

from mobilize.core.actor import Actor
from mobilize.recognition.models import Certificate


def own(actor: Actor) -> QuerySet[Certificate]:
    """The signed-in person's certificates.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Certificate.objects.filter(worker__user_id=actor.person)
