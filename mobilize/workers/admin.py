from mobilize.core.backoffice import register
from mobilize.workers.models import Honour, Worker

register(
    Worker,
    list_display=["user", "union", "home_community", "created_at"],
    list_select_related=["user", "union"],
    search_fields=["user__name", "=user__phone"],
    autocomplete_fields=["user", "union"],
    ordering=["-created_at"],
)
register(
    Honour,
    list_display=["worker", "kind", "level", "year", "awarding_body", "status"],
    list_filter=["status", "kind", "level"],
    list_select_related=["worker__user"],
    search_fields=["worker__user__name", "awarding_body"],
    autocomplete_fields=["worker"],
    readonly_fields=["status", "verified_by", "verified_at"],
)
