from mobilize.core.backoffice import register
from mobilize.unions.models import Officer, Union

register(
    Union,
    list_display=["name", "name_en", "level", "parent", "code"],
    list_filter=["level"],
    list_select_related=["parent"],
    search_fields=["name", "name_en", "code", "sort_key"],
    autocomplete_fields=["parent"],
    exclude=["sort_key"],
)
register(
    Officer,
    list_display=["user", "union", "role"],
    list_filter=["role"],
    list_select_related=["user", "union"],
    search_fields=["user__name", "union__name"],
    autocomplete_fields=["user", "union"],
)
