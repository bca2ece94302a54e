from django.apps import AppConfig


class FleetsConfig(AppConfig):
    name = "mobilize.fleets"
    label = "fleets"
