from mobilize.channels.models import Delivery
from mobilize.core.backoffice import ReadOnly, register

# Without body and phone number: a sign-in code is nobody's to read.
register(
    Delivery,
    ReadOnly,
    fields=["kind", "channel", "status", "due_at", "sent_at", "attempts", "failure", "provider_id", "invented"],
    list_display=["created_at", "kind", "channel", "status", "attempts", "failure"],
    list_filter=["status", "channel", "kind"],
    ordering=["-created_at"],
)
