"""The script that a browser keeps running for us when no page is open."""

from hashlib import blake2b
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

SCRIPT = (Path(__file__).parent.parent / "static" / "frontend" / "sw.js").read_text()
VERSION = blake2b(SCRIPT.encode(), digest_size=6).hexdigest()


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Hand out the service worker, from the root so that it serves all pages; browsers ask for it anew each time."""
    return HttpResponse(
        SCRIPT.replace("@VERSION@", VERSION),
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/", "Cache-Control": "no-cache", "ETag": f'"{VERSION}"'},
    )
