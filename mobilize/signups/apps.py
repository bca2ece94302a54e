from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SignupsConfig(AppConfig):
    name = "mobilize.signups"
    label = "signups"
    verbose_name = pgettext_lazy("back office", "Sign-ups")
