"""How long a way takes. The planner asks through `Travel`, whoever answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mobilize.dispatch.planner.problem import Floats

EARTH_KM = 6371.0


class Travel(Protocol):
    """Minutes from place to place."""

    def minutes(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Floats:
        """Return the minutes of each way; the arrays are broadcast."""

    def reach(self, minutes: Floats) -> Floats:
        """Return how far, as the crow flies in km, a way of so many minutes leads at most."""


@dataclass(frozen=True)
class StraightLine:
    """The straight line, lengthened by a factor, at a steady speed.

    Attributes:
        detour: road over straight line; 1.3 to 1.4 is usual in cities (Ballou et al., Transportation Research A 36,
            2002).
        km_per_hour: in the city, stops included.
    """

    detour: float = 1.35
    km_per_hour: float = 30.0

    def minutes(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Floats:
        return np.sqrt((to_x - x) ** 2 + (to_y - y) ** 2) * (self.detour * 60.0 / self.km_per_hour)

    def reach(self, minutes: Floats) -> Floats:
        return minutes * (self.km_per_hour / (self.detour * 60.0))


def plane(latitude: Floats, longitude: Floats, *, around: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return x (east) and y (north) in km on the plane that touches the earth near a point; good for one city.

    Args:
        latitude, longitude: degrees.
        around: latitude and longitude of that point.
    """
    x = np.radians(longitude - around[1]) * EARTH_KM * np.cos(np.radians(around[0]))
    return x, np.radians(latitude - around[0]) * EARTH_KM


def globe(x: Floats, y: Floats, *, around: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return latitude and longitude, in degrees, of points on the plane; undoes `plane`."""
    latitude: Floats = around[0] + np.degrees(y / EARTH_KM)
    longitude: Floats = around[1] + np.degrees(x / (EARTH_KM * np.cos(np.radians(around[0]))))
    return latitude, longitude


def minutes_between(origin: tuple[float, float], to: tuple[float, float]) -> float:
    """Return the minutes of one way along the straight line.

    Args:
        origin, to: latitude and longitude in degrees.
    """
    x, y = plane(np.array([to[0]]), np.array([to[1]]), around=origin)
    return float(StraightLine().minutes(np.zeros(1), np.zeros(1), x, y)[0])
