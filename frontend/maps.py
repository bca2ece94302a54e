"""What the desk's maps are drawn on."""

from typing import Any

from django.conf import settings

from frontend.templatetags.ui import spoken
from mobilize.tasks import queries as tasks


def map_settings() -> dict[str, str]:
    """Return the address of the tiles, empty for a schematic map, and whom to thank for them."""
    return {"tiles": settings.TILE_URL, "credit": settings.TILE_CREDIT}


def map_places() -> list[dict[str, Any]]:
    """Return all sites with their names, by which people find their way where there are no tiles."""
    return [{"at": [float(site.latitude), float(site.longitude)], "name": spoken(site)} for site in tasks.sites()]
