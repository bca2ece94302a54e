from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "mobilize.reports"
    label = "reports"
