"""A fault of ours, told in the language of the face that asked."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import server_error as html_server_error


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: problem+json below /api/, else the page."""
    if request.path.startswith("/api/"):
        problem = {
            "type": "urn:mobilize:problem:fault",
            "title": "A fault on our side.",
            "status": 500,
            "code": "fault",
        }
        return JsonResponse(problem, status=500, content_type="application/problem+json")
    return html_server_error(request)
