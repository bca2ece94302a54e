from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mobilize.outbox"
    label = "outbox"
