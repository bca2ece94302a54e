"""The service worker of the pages at a post. It lies below /shifts/, so it answers for nothing else."""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static


def worker(request: HttpRequest) -> HttpResponse:
    """Return the script that browsers install; its parts are static files, named by their content."""
    script = f'importScripts("{static("frontend/offline.js")}");\n'
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
