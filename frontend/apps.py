from django.apps import AppConfig


class FrontendConfig(AppConfig):
    """The HTML face: pages for workers, the officers' desk and the city."""

    name = "frontend"
