"""Switching between Chinese and English."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from mobilize.accounts import services as accounts


# Pages that are kept for everybody cannot carry anybody's token. Whoever is made to switch by another site reads the
# other language until she switches back; her account stays as it is, because the session cookie is SameSite=Lax.
@csrf_exempt
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember the language in the browser; a signed-in person's messages follow it."""
    wanted = request.POST.get("language", "")
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        accounts.speak(user_id=request.user.pk, language=wanted)
    return set_language(request)
