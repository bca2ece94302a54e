from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SupplyConfig(AppConfig):
    name = "mobilize.supply"
    label = "supply"
    verbose_name = pgettext_lazy("back office", "Supply")
