"""The reported figures, each with its sentence."""

from mobilize.reports.models import Fact
from mobilize.seeding.files import read


def load() -> None:
    """Write the figures of `facts.yaml`."""
    Fact.objects.bulk_create(
        Fact(
            key=entry["key"],
            section=entry["section"],
            position=position,
            label=entry["zh"],
            label_en=entry["en"],
            unit=entry["unit_zh"],
            unit_en=entry["unit_en"],
            value=entry["value"],
            is_counted=entry.get("counted", False),
            source=entry["source"],
        )
        for position, entry in enumerate(read("facts")["facts"], start=1)
    )
