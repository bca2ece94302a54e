from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "mobilize.workers"
    label = "workers"
