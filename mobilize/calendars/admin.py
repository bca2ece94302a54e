from mobilize.calendars.models import Feed
from mobilize.core.backoffice import ReadOnly, register

register(
    Feed,
    ReadOnly,
    list_display=["created_at", "user", "team"],
    list_select_related=["user", "team"],
    search_fields=["team__name"],
    ordering=["-created_at"],
)
