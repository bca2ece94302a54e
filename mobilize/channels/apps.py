from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "mobilize.channels"
    label = "channels"
