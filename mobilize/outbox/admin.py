from mobilize.core.backoffice import ReadOnly, register
from mobilize.outbox.models import Event

register(
    Event,
    ReadOnly,
    list_display=["created_at", "topic", "subject_id", "relayed_at", "done_at"],
    list_filter=["topic"],
    search_fields=["subject_id"],
    ordering=["-created_at"],
)
