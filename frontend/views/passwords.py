"""Officers' passwords: set by the link in a message, asked for when forgotten."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from frontend.forms.base import refusals
from frontend.forms.officers import ForgottenForm, PasswordForm
from frontend.htmx import redirect, render, status_of
from mobilize.accounts import passwords
from mobilize.core.proxies import client_address
from mobilize.unions import services as unions


@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the number; the answer is the same whoever it belongs to."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            unions.forgot_password(
                phone=form.cleaned_data["phone"], now=timezone.now(), address=client_address(request.META)
            )
            messages.info(request, _("If this is an officer's number, a link to set a new password is on its way."))
            return redirect(request, "account_login")
    return render(request, "account/password_forgotten.html", {"form": form}, parts=["sheet"], status=status_of(form))


@never_cache
def set_password(request: HttpRequest, user_id: UUID, token: str) -> HttpResponse:
    """Show the form behind a link; only the form itself, sent back, changes anything."""
    now = timezone.now()
    user = passwords.check_link(user_id=user_id, token=token, now=now)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            passwords.set_password(user_id=user_id, token=token, password=form.cleaned_data["password1"], now=now)
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect(request, f"{reverse('account_login')}?next={reverse('desk')}")
    context = {"form": form, "person": user}
    return render(request, "account/password_set.html", context, parts=["sheet"], status=status_of(form))
