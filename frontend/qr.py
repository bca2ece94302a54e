"""QR codes of addresses of ours."""

import segno
from django.conf import settings

QUIET_ZONE = 4  # modules, as the standard demands


def qr(address: str) -> str:
    """Return the QR code of an address of ours as inline SVG.

    Args:
        address: its path.
    """
    return segno.make(settings.PUBLIC_URL + address, error="m", micro=False).svg_inline(
        border=QUIET_ZONE, omitsize=True, svgclass="qr"
    )
