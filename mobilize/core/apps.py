from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CoreConfig(AppConfig):
    name = "mobilize.core"
    label = "core"
    verbose_name = pgettext_lazy("back office", "Traces")

    def ready(self) -> None:
        from mobilize.core import bearer

        bearer.watch()
