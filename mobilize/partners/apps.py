from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PartnersConfig(AppConfig):
    name = "mobilize.partners"
    label = "partners"
    verbose_name = pgettext_lazy("back office", "Partners")
