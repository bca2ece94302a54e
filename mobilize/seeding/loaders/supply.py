"""The supply directory: named merchants and channels, and numbered placeholders up to the reported counts."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from mobilize.seeding.files import read
from mobilize.seeding.names import invented
from mobilize.seeding.shares import split
from mobilize.supply.models import Merchant, SupplyChannel
from mobilize.supply.states import ChannelKind, DeliveredBy

_KINDS = [ChannelKind.MINI_PROGRAM, ChannelKind.APP, ChannelKind.OFFICIAL_ACCOUNT]
_DELIVERERS = [DeliveredBy.STAFF, DeliveredBy.COURIER]


def load() -> None:
    """Write the merchants and channels of `supply.yaml`."""
    for category in read("supply")["categories"]:
        for entry in [*category["named"], *_placeholders(category)]:
            fills_up = entry.get("invented", False)
            merchant = Merchant.objects.create(
                name=invented(entry["zh"]) if fills_up else entry["zh"], is_invented=fills_up
            )
            SupplyChannel.objects.bulk_create(_channels(merchant, category["code"], entry))


def _placeholders(category: dict[str, Any]) -> Iterator[dict[str, Any]]:
    more = category["more"]
    if not more["merchants"]:
        return
    for number, channels in enumerate(split(more["channels"], [1] * more["merchants"]), start=1):
        yield {
            "zh": f"{category['zh']}商户{number:02}",
            "channels": [],
            "more": channels,
            "invented": True,
        }


def _channels(merchant: Merchant, category: str, entry: dict[str, Any]) -> Iterator[SupplyChannel]:
    for channel in entry["channels"]:
        yield SupplyChannel(
            merchant=merchant,
            name=channel["zh"],
            category=category,
            kind=channel["kind"],
            delivered_by=channel["by"],
        )
    numbers = range(1, entry.get("more", 0) + 1)
    for number, kind, deliverer in zip(numbers, cycle(_KINDS), cycle(_DELIVERERS), strict=False):
        yield SupplyChannel(
            merchant=merchant,
            name=invented(f"{entry['zh']}平台{number:02}"),
            category=category,
            kind=kind,
            delivered_by=deliverer,
            is_invented=True,
        )
