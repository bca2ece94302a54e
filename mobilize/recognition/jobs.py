from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event
from mobilize.recognition import services


@listens_to("user.erased")
def forget(event: Event) -> None:
    services.forget(user_id=event.subject_id)
