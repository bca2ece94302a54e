"""What no view answers, told in the language of the face that asked."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import bad_request as html_bad_request
from django.views.defaults import server_error as html_server_error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: problem+json below /api/, else the page."""
    if not request.path.startswith("/api/"):
        return html_bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _problem(413, "too_big", "The body is too big.")
    return _problem(400, "bad_request", "The request cannot be read.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: problem+json below /api/, else the page."""
    if request.path.startswith("/api/"):
        return _problem(500, "fault", "A fault on our side.")
    return html_server_error(request)


def _problem(status: int, code: str, title: str) -> JsonResponse:
    problem = {"type": f"urn:mobilize:problem:{code}", "title": title, "status": status, "code": code}
    return JsonResponse(problem, status=status, content_type="application/problem+json")
