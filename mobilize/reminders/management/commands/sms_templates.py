from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mobilize.reminders import wordings


class Command(BaseCommand):
    help = "Print the texts of reminders by the names under which templates are registered with an SMS provider."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, variant in wordings.WORDINGS:
            for language, _spoken in settings.LANGUAGES:
                name = ".".join(filter(None, [kind, variant]))
                self.stdout.write(f"{name}:{language}={wordings.standard(kind, variant, language)}")
