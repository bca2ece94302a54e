from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "mobilize.reminders"
    label = "reminders"
