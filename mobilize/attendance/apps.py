from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AttendanceConfig(AppConfig):
    name = "mobilize.attendance"
    label = "attendance"
    verbose_name = pgettext_lazy("back office", "Services")
