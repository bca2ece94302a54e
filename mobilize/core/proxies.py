"""Where a request comes from, read behind the trusted proxies."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """Return the caller's address, believing as many proxies as TRUSTED_PROXY_COUNT says.

    Args:
        meta: the request's WSGI variables.
    """
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    return hops[-trusted] if trusted and len(hops) >= trusted else meta.get("REMOTE_ADDR", "")
