from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from mobilize.accounts.models import User
from mobilize.core.backoffice import BackOffice, register

for unused in (Group, EmailAddress, Authenticator):
    admin.site.unregister(unused)

register(
    User,
    fields=["name", "masked_phone", "language", "is_invented", "is_active", "is_staff", "date_joined", "last_login"],
    readonly_fields=["masked_phone", "is_invented", "date_joined", "last_login"],
    list_display=["name", "masked_phone", "is_invented", "is_active", "is_staff", "date_joined"],
    list_filter=["is_invented", "is_active", "is_staff"],
    search_fields=["=phone", "name"],
    ordering=["-date_joined"],
)


@admin.register(Authenticator)
class AuthenticatorAdmin(BackOffice):
    """An officer who lost her telephone: delete the second factor here, she sets up a new one at her next visit."""

    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__name", "=user__phone"]

    def has_add_permission(self, request: object) -> bool:
        return False
