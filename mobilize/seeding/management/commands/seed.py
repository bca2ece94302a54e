import json
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from mobilize.seeding import queries, services


class Command(BaseCommand):
    help = "Load Taiyuan from seeds/. A second run changes nothing; on a later day it adds the coming shifts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--report", action="store_true", help="print, last, one line of JSON counted from the database"
        )

    def handle(self, *args: Any, report: bool, verbosity: int, **options: Any) -> None:
        if not settings.DEMO:
            self.stderr.write("No demonstration: organisations, campaign and supply directory only, no people.")
        loaded = services.load(now=timezone.now(), progress=partial(_shown, verbosity=verbosity))
        if not loaded:
            self.stderr.write("Everything is loaded already.")
        if report:
            self.stdout.write(json.dumps(queries.report()))


def _shown(steps: list[services.Step], verbosity: int) -> Iterator[services.Step]:
    with tqdm(steps, unit="step", disable=not verbosity) as bar:
        for step in bar:
            bar.set_description(step.name)
            yield step
