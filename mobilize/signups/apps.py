from django.apps import AppConfig


class SignupsConfig(AppConfig):
    name = "mobilize.signups"
    label = "signups"
