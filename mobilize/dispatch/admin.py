from mobilize.core.backoffice import ReadOnly, register
from mobilize.dispatch.models import Offer, Plan, Trip

register(
    Offer,
    ReadOnly,
    list_display=["created_at", "task", "fleet", "driver", "vehicles_offered", "vehicles_accepted", "status"],
    list_filter=["status"],
    list_select_related=["task", "fleet", "driver__worker__user"],
    ordering=["-created_at"],
)
register(
    Plan,
    ReadOnly,
    list_display=["created_at", "mode", "status", "made_by", "committed_at"],
    list_filter=["status", "mode"],
    list_select_related=["made_by"],
    ordering=["-created_at"],
)
register(
    Trip,
    ReadOnly,
    list_display=["vehicle", "driver", "task", "status", "starts_at", "persons", "parcels", "received_by"],
    list_filter=["status"],
    list_select_related=["vehicle", "driver__worker__user", "task"],
    ordering=["-starts_at"],
)
