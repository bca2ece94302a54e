from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ChannelsConfig(AppConfig):
    name = "mobilize.channels"
    label = "channels"
    verbose_name = pgettext_lazy("back office", "Messages")
