from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class DispatchConfig(AppConfig):
    name = "mobilize.dispatch"
    label = "dispatch"
    verbose_name = pgettext_lazy("back office", "Dispatch")
