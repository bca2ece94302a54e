from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "mobilize.tasks"
    label = "tasks"
