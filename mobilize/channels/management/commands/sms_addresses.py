from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mobilize.channels import callbacks


class Command(BaseCommand):
    help = "Print the addresses to which the SMS providers in use are to report. Keep them secret: they carry keys."

    def handle(self, *args: Any, **options: Any) -> None:
        for provider in settings.SMS_PROVIDERS:
            for what in (callbacks.RECEIPTS, callbacks.REPLIES):
                self.stdout.write(f"{provider} {what}: {callbacks.address(provider, what)}")
