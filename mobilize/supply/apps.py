from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "mobilize.supply"
    label = "supply"
