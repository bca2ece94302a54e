"""allauth's view of our users: the phone number lives on the user and was verified by a code or an officer."""

import time
from typing import Any

from allauth.account import app_settings as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.fields import PhoneField
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mobilize.accounts import services
from mobilize.accounts.models import User
from mobilize.core.crypto import keyed_hash
from mobilize.core.phones import BadPhone, normalised
from mobilize.core.proxies import client_address


class PhoneAdapter(DefaultAccountAdapter):
    """Sign-in by phone and password for officers. Accounts are opened by a phone code, never by allauth's form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_phone(self, phone: str) -> str:
        try:
            return normalised(phone)
        except BadPhone:
            raise ValidationError(_("Enter a phone number, for example 138 0000 0000."), "bad_phone") from None

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """The field without allauth's demand for a country code: `clean_phone` adds it."""
        return PhoneField(validators=[], **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A password typed at sign-in minutes ago is as good as one typed again: allauth counts only the latter."""
        oldest = time.time() - account.REAUTHENTICATION_TIMEOUT
        shown = get_authentication_records(self.request, self.request.user)
        if any(record["method"] == "password" and record["at"] > oldest for record in shown):
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Her messages come in the language of the page on which she signed in."""
        services.speak(user_id=user.pk, language=get_language() or user.language)
        return super().post_login(request, user, **kwargs)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by number and address.

        allauth's own key knows e-mail and user name alone, so with numbers it would be one for the whole city, and by
        number alone anybody could lock an officer out. A guessed password still meets the second factor.
        """
        return keyed_hash(str(credentials.get("phone", "")), client_address(request.META))

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone = normalised(phone)
        user.save(update_fields=["phone"])

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return str(user.phone), True

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        try:
            return User.objects.filter(phone=normalised(phone), is_active=True).first()
        except BadPhone:
            return None
