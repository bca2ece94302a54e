from mobilize.core.backoffice import ReadOnly, register
from mobilize.tasks.models import Post, Shift, Site, Task, Team

register(
    Site,
    list_display=["name", "kind", "district", "address", "union"],
    list_filter=["kind", "district"],
    list_select_related=["union"],
    search_fields=["name", "name_en", "sort_key"],
    autocomplete_fields=["union"],
    exclude=["sort_key"],
)
register(
    Team,
    list_display=["name", "union", "campaign", "leader"],
    list_select_related=["union", "campaign", "leader__user"],
    search_fields=["name"],
    autocomplete_fields=["union", "campaign", "leader"],
)
register(
    Post,
    list_display=["site", "kind", "team"],
    list_filter=["kind"],
    list_select_related=["site", "team"],
    search_fields=["site__name"],
    autocomplete_fields=["site", "team"],
)
register(
    Task,
    ReadOnly,
    list_display=["title", "kind", "status", "union", "starts_at", "vehicles_needed", "vehicles_accepted"],
    list_filter=["status", "kind"],
    list_select_related=["union"],
    search_fields=["title"],
    ordering=["-starts_at"],
)
register(
    Shift,
    ReadOnly,
    list_display=["post", "starts_at", "ends_at", "places"],
    list_select_related=["post__site"],
    ordering=["-starts_at"],
)
