from mobilize.core.backoffice import ReadOnly, register
from mobilize.core.models import Transition

register(
    Transition,
    ReadOnly,
    list_display=["created_at", "subject_type", "from_status", "to_status", "by_user", "by_client", "why"],
    list_filter=["subject_type", "to_status"],
    list_select_related=["by_user"],
    search_fields=["subject_id"],
    ordering=["-created_at"],
)
