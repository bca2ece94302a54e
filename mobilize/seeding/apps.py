from django.apps import AppConfig


class SeedingConfig(AppConfig):
    name = "mobilize.seeding"
    label = "seeding"
