from mobilize.calendars import services
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@listens_to("user.erased")
def forget(event: Event) -> None:
    services.forget(user_id=event.subject_id)


@listens_to("worker.merged")
def forget_merged(event: Event) -> None:
    services.forget_merged(worker_id=event.subject_id)
