from mobilize.core.backoffice import ReadOnly, register
from mobilize.reminders.models import Reminder

register(
    Reminder,
    ReadOnly,
    list_display=["due_at", "kind", "user", "status", "reason"],
    list_filter=["status", "reason", "kind"],
    list_select_related=["user"],
    ordering=["-due_at"],
)
