"""The elder version (长辈版): the same pages in large type, for whoever asks for it in this browser."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from frontend.context import ELDER

REMEMBERED = timedelta(days=365)


# Kept pages carry nobody's token, see `language.switch`; the worst another site can do is to make the letters larger.
@csrf_exempt
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember in the browser which version its reader wants, and go back to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    if request.POST.get("elder") == "1":
        answer.set_cookie(ELDER, "1", max_age=REMEMBERED, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(ELDER, samesite="Lax")
    return answer
