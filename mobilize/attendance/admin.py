from mobilize.attendance.models import ServiceRecord
from mobilize.core.backoffice import register

register(
    ServiceRecord,
    list_display=["day", "union", "task", "person_trips", "services", "flights", "incidents", "source"],
    list_filter=["source"],
    list_select_related=["union", "task"],
    autocomplete_fields=["union", "task", "worker"],
    readonly_fields=["source_key", "recorded_by"],
    ordering=["-day"],
)
