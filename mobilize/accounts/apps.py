from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AccountsConfig(AppConfig):
    name = "mobilize.accounts"
    label = "accounts"
    verbose_name = pgettext_lazy("back office", "People")

    def ready(self) -> None:
        from mobilize.accounts import backends

        backends.watch()
