from mobilize.attendance.models import CheckIn, Correction, Scan, ServiceRecord
from mobilize.core.backoffice import ReadOnly, register

register(
    ServiceRecord,
    list_display=["day", "union", "task", "person_trips", "services", "flights", "incidents", "source"],
    list_filter=["source"],
    list_select_related=["union", "task"],
    autocomplete_fields=["union", "task", "worker"],
    readonly_fields=["source_key", "recorded_by"],
    ordering=["-day"],
)
register(
    CheckIn,
    ReadOnly,
    list_display=["arrived_at", "worker", "shift", "arrived_source", "left_at", "left_source"],
    list_filter=["arrived_source", "left_source"],
    list_select_related=["worker__user", "shift__post__site"],
    ordering=["-arrived_at"],
)
register(
    Scan,
    ReadOnly,
    list_display=["created_at", "at", "step", "sender", "worker", "outcome", "code"],
    list_filter=["outcome"],
    list_select_related=["sender", "worker__user"],
    ordering=["-created_at"],
)
register(
    Correction,
    ReadOnly,
    list_display=["created_at", "by", "why"],
    list_select_related=["by"],
    ordering=["-created_at"],
)
