"""What the desk's maps are drawn on."""

from django.conf import settings


def map_settings() -> dict[str, str]:
    """Return the address of the tiles, empty for a schematic map, and whom to thank for them."""
    return {"tiles": settings.TILE_URL, "credit": settings.TILE_CREDIT}
