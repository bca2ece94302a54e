"""The script that a browser keeps running for us when no page is open."""

import json
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

SOURCE = (Path(__file__).parent.parent / "static" / "frontend" / "sw.js").read_text()


@cache
def _script() -> tuple[str, str]:
    """Return the script, with the page for no network inside so that it comes in one request, and its version."""
    script = SOURCE.replace('"@SHELL@"', json.dumps(render_to_string("offline.html"), ensure_ascii=False))
    version = blake2b(script.encode(), digest_size=6).hexdigest()
    return script.replace("@VERSION@", version), version


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Hand out the service worker, from the root so that it serves all pages; browsers ask for it anew each time."""
    text, version = _script()
    return HttpResponse(
        text,
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/", "Cache-Control": "no-cache", "ETag": f'"{version}"'},
    )
