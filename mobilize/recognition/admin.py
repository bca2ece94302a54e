from mobilize.core.backoffice import ReadOnly, register
from mobilize.recognition.models import Certificate

register(
    Certificate,
    ReadOnly,
    list_display=["number", "union_name", "first_day", "last_day", "services", "replaced_at"],
    search_fields=["number"],
    ordering=["-created_at"],
)
