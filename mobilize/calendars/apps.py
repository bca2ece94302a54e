from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CalendarsConfig(AppConfig):
    name = "mobilize.calendars"
    label = "calendars"
    verbose_name = pgettext_lazy("back office", "Calendars")
