from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "mobilize.dispatch"
    label = "dispatch"
