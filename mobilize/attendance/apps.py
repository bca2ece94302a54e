from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "mobilize.attendance"
    label = "attendance"
