"""The union tree."""

from uuid import UUID

from mobilize.core.pinyin import sort_key
from mobilize.seeding.files import read
from mobilize.unions.models import Union


def load() -> None:
    """Write the unions of `unions.yaml` that are not there yet (a city may have made its own root)."""
    ids = union_ids()
    for entry in read("unions")["unions"]:
        if entry["code"] in ids:
            continue
        ids[entry["code"]] = Union.objects.create(
            code=entry["code"],
            name=entry["zh"],
            name_en=entry["en"],
            level=entry["level"],
            parent_id=ids[entry["parent"]] if "parent" in entry else None,
            sort_key=sort_key(entry["zh"]),
        ).pk


def union_ids() -> dict[str, UUID]:
    """Return the ids of all unions by code."""
    return dict(Union.objects.values_list("code", "pk"))
