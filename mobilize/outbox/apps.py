from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class OutboxConfig(AppConfig):
    name = "mobilize.outbox"
    label = "outbox"
    verbose_name = pgettext_lazy("back office", "Events")
