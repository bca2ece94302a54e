from django import forms
from django.contrib import admin
from oauth2_provider.models import get_access_token_model, get_grant_model, get_id_token_model, get_refresh_token_model

from mobilize.core.backoffice import BackOffice
from mobilize.partners.models import Application

for token_model in (get_access_token_model(), get_grant_model(), get_id_token_model(), get_refresh_token_model()):
    admin.site.unregister(token_model)
admin.site.unregister(Application)


@admin.register(Application)
class ApplicationAdmin(BackOffice):
    """The secret is shown once, while it is typed: it is kept as a hash."""

    fields = ["name", "union", "allowed_scopes", "client_id", "client_secret"]
    list_display = ["name", "union", "client_id", "allowed_scopes", "created"]
    list_select_related = ["union"]
    search_fields = ["name", "client_id"]
    autocomplete_fields = ["union"]

    def save_model(self, request, obj: Application, form: forms.ModelForm, change: bool) -> None:
        obj.client_type = Application.CLIENT_CONFIDENTIAL
        obj.authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
        super().save_model(request, obj, form, change)
