from mobilize.core.backoffice import register
from mobilize.fleets.models import Driver, Fleet, Vehicle

register(
    Fleet,
    list_display=["name", "kind", "union", "leader", "status", "base", "enrolled_at"],
    list_filter=["status", "kind"],
    list_select_related=["union", "leader"],
    search_fields=["name", "sort_key"],
    autocomplete_fields=["union", "leader"],
    readonly_fields=["status", "enrolled_at"],
    exclude=["sort_key"],
)
register(
    Vehicle,
    list_display=["plate", "fleet", "seats", "load_kg", "refrigerated", "wheelchair", "active"],
    list_filter=["active", "refrigerated", "wheelchair"],
    list_select_related=["fleet"],
    search_fields=["plate"],
    autocomplete_fields=["fleet"],
)
register(
    Driver,
    list_display=["worker", "fleet", "vehicle", "airport", "active"],
    list_filter=["active", "airport"],
    list_select_related=["worker__user", "fleet", "vehicle"],
    search_fields=["worker__user__name", "vehicle__plate"],
    autocomplete_fields=["worker", "fleet", "vehicle"],
)
