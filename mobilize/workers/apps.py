from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class WorkersConfig(AppConfig):
    name = "mobilize.workers"
    label = "workers"
    verbose_name = pgettext_lazy("back office", "Workers")
