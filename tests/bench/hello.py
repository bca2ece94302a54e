"""The other side of the page's benchmark: the least that Django can answer."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], DEBUG=False, SECRET_KEY="unused")


def hello(request: HttpRequest) -> HttpResponse:
    # with its length, or granian would send it in chunks, which is slower
    return HttpResponse("hello", headers={"Content-Length": "5"})


urlpatterns = [path("", hello), path("healthz", lambda request: JsonResponse({}))]
application = get_wsgi_application()
