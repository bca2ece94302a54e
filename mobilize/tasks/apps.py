from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class TasksConfig(AppConfig):
    name = "mobilize.tasks"
    label = "tasks"
    verbose_name = pgettext_lazy("back office", "Tasks")
