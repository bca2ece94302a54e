from django.utils import timezone

from mobilize.fleets import services
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@listens_to("user.erased")
def release_all(event: Event) -> None:
    """Who is gone neither drives nor leads."""
    services.release_all(user_id=event.subject_id, now=timezone.now())
