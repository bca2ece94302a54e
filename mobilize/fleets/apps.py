from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class FleetsConfig(AppConfig):
    name = "mobilize.fleets"
    label = "fleets"
    verbose_name = pgettext_lazy("back office", "Fleets")
