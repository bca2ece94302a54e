from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class UnionsConfig(AppConfig):
    name = "mobilize.unions"
    label = "unions"
    verbose_name = pgettext_lazy("back office", "Unions")
