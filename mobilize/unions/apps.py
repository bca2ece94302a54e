from django.apps import AppConfig


class UnionsConfig(AppConfig):
    name = "mobilize.unions"
    label = "unions"
