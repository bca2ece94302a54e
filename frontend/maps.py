"""The desk's maps: the drawn one, which is part of its page, and what the one that moves is drawn on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sqrt
from typing import Any

from django.conf import settings

from frontend.templatetags.ui import spoken
from mobilize.tasks import queries as tasks

# The drawn map, in units: as large as CSS pixels on the narrowest phone, so that its letters are not too small there.
WIDE, HIGH = 320, 264
MARGIN = 24  # around the outermost points
LETTER = 18  # of names
GAP = 4  # between a mark and its name
LAST_LATIN = 0x24F
SPAN = 0.02  # degrees to each side at least: one need alone is not looked at under a glass


def map_settings() -> dict[str, str]:
    """Return the address of the tiles, empty for a schematic map, and whom to thank for them."""
    return {"tiles": settings.TILE_URL, "credit": settings.TILE_CREDIT}


def map_places() -> list[dict[str, Any]]:
    """Return all sites with their names, by which people find their way where there are no tiles."""
    return [{"at": [float(site.latitude), float(site.longitude)], "name": spoken(site)} for site in tasks.sites()]


@dataclass(frozen=True)
class Mark:
    """Something on the drawn map, in its own units of length.

    Attributes:
        x, y: where it stands, from the left and from above.
        size: its radius.
        what: whatever it stands for.
        to: where its line leads, None without one.
        label: the name written beside it, empty when there is no room.
        before: whether the name stands to the left of it.
    """

    x: float
    y: float
    size: float
    what: Mapping[str, Any]
    to: tuple[float, float] | None = None
    label: str = ""
    before: bool = False

    @property
    def label_x(self) -> float:
        """Where the name begins; where it ends if it stands before."""
        aside = self.size + GAP
        return round(self.x - aside if self.before else self.x + aside, 1)


def drawn(needs: Sequence[Mapping[str, Any]], bases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw where vehicles are needed and where fleets stand, without tiles and without scripts.

    Args:
        needs: each with `at` and `to`, [latitude, longitude] in degrees; `left`, vehicles; `site`, its name.
        bases: each with `at`. Those outside of what the needs span are left out.
    Returns:
        `wide` and `high` of the picture, and the marks of `needs` (the largest first, so that small ones stay in
        sight) and `bases`.
    """
    points = [place for need in needs for place in (need["at"], need["to"])] or [base["at"] for base in bases]
    place = _projection(points)
    by_size = sorted(needs, key=lambda need: -need["left"])
    marks = [
        Mark(*place(need["at"]), round(7 + sqrt(need["left"]) * 1.6, 1), need, to=place(need["to"])) for need in by_size
    ]
    stand = [Mark(*place(base["at"]), 3.5, base) for base in bases]
    inside = [mark for mark in stand if 0 <= mark.x <= WIDE and 0 <= mark.y <= HIGH]
    return {"wide": WIDE, "high": HIGH, "needs": _labelled(marks), "bases": inside}


def _projection(points: Sequence[Sequence[float]]) -> Callable[[Sequence[float]], tuple[float, float]]:
    """Return how [latitude, longitude] become units of the picture: as on any plan of one city, north above."""
    if not points:
        return lambda _at: (WIDE / 2, HIGH / 2)
    middle_lat, middle_lng = ((min(all_) + max(all_)) / 2 for all_ in zip(*points, strict=True))
    narrower = cos(radians(middle_lat))
    half_high = max(*(abs(lat - middle_lat) for lat, _ in points), SPAN)
    half_wide = max(*(abs(lng - middle_lng) * narrower for _, lng in points), SPAN)
    scale = min((HIGH / 2 - MARGIN) / half_high, (WIDE / 2 - MARGIN) / half_wide)

    def place(at: Sequence[float]) -> tuple[float, float]:
        lat, lng = at
        x, y = (lng - middle_lng) * narrower, middle_lat - lat
        return round(WIDE / 2 + x * scale, 1), round(HIGH / 2 + y * scale, 1)

    return place


def _labelled(marks: list[Mark]) -> list[Mark]:
    """Write the names of as many sites as have room, those that need most before others."""
    taken = [(mark.x - mark.size, mark.y - mark.size, mark.x + mark.size, mark.y + mark.size) for mark in marks]
    written: set[str] = set()
    found = []
    for mark in marks:
        name = mark.what["site"]
        if name not in written:
            for named in (replace(mark, label=name), replace(mark, label=name, before=True)):
                box = _box(named)
                within = box[0] >= 0 and box[1] >= 0 and box[2] <= WIDE and box[3] <= HIGH
                if within and not any(_touch(box, other) for other in taken):
                    taken.append(box)
                    written.add(name)
                    mark = named
                    break
        found.append(mark)
    return found


def _box(mark: Mark) -> tuple[float, float, float, float]:
    """Return where a mark's name is written: left, upper, right, lower edge."""
    length = sum(LETTER if ord(sign) > LAST_LATIN else LETTER * 0.6 for sign in mark.label)
    begin = mark.label_x - length if mark.before else mark.label_x
    return begin, mark.y - LETTER / 2, begin + length, mark.y + LETTER / 2


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
