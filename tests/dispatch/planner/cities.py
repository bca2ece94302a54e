"""Cities of random drivers and trips, the same for the same seed."""

from dataclasses import replace

import numpy as np

from mobilize.dispatch.planner.problem import Commitments, Drivers, Problem, Trips

AIRPORT = (9.0, -9.0)


def city(drivers: int, trips: int, *, seed: int, busy: float = 0.0, day: float = 720.0) -> Problem:
    """Return a problem: 70 fleets around a centre, three in ten trips from the airport.

    Args:
        busy: share of drivers with a commitment already.
        day: minutes over which the trips are spread.
    """
    random = np.random.default_rng(seed)
    base = random.normal(0, 6, (70, 2))
    home = base[random.integers(0, 70, drivers)] + random.normal(0, 1.5, (drivers, 2))
    people = Drivers(
        x=home[:, 0],
        y=home[:, 1],
        free_from=random.uniform(0, 60, drivers),
        off_at=random.uniform(300, 960, drivers),
        minutes_left=random.uniform(60, 480, drivers),
        hours_served=random.uniform(0, 8, drivers),
        seats=random.choice([4, 4, 4, 6, 9], drivers),
        load_kg=random.choice([200, 200, 500, 1500], drivers),
        able=random.integers(0, 8, drivers),
    )
    begin, end = random.normal(0, 7, (trips, 2)), random.normal(0, 7, (trips, 2))
    hot = random.random(trips) < 0.3
    begin[hot] = AIRPORT + random.normal(0, 0.2, (hot.sum(), 2))
    due = random.uniform(30, day, trips)
    wanted = Trips(
        x=begin[:, 0],
        y=begin[:, 1],
        to_x=end[:, 0],
        to_y=end[:, 1],
        due=due,
        latest=due + 30,
        minutes=random.uniform(20, 60, trips),
        seats=random.choice([1, 2, 4, 6], trips, p=[0.5, 0.3, 0.15, 0.05]),
        load_kg=random.choice([0, 100, 500], trips, p=[0.7, 0.2, 0.1]),
        needs=random.choice([0, 1, 2], trips, p=[0.8, 0.15, 0.05]),
        weight=np.ones(trips, np.int64),
    )
    problem = Problem(people, wanted)
    some = np.flatnonzero(random.random(drivers) < busy)
    if not len(some):
        return problem
    starts = random.uniform(60, day, len(some))
    places = random.normal(0, 6, (4, len(some)))
    return replace(problem, commitments=Commitments(some, starts, starts + 40, *places))
