"""Dividing a whole into parts whose sum is exact."""

from collections.abc import Sequence


def split(total: int, weights: Sequence[float]) -> list[int]:
    """Divide a whole number in proportion to weights; the parts sum to it exactly (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def split_within(total: int, bounds: Sequence[tuple[int, int]], weights: Sequence[float]) -> list[int]:
    """Divide a whole number into parts within bounds: each gets its least, the rest goes by weight and room.

    Args:
        total: the whole, between the sum of the least and the sum of the most.
        bounds: (least, most) of each part.
        weights: how much of its room (most - least) a part claims, relative to the others.
    Raises:
        ValueError: the bounds cannot hold the total.
    """
    parts = [least for least, _ in bounds]
    if not sum(parts) <= total <= sum(most for _, most in bounds):
        raise ValueError(f"{total} does not fit the bounds")
    while left := total - sum(parts):
        room = [most - part for (_, most), part in zip(bounds, parts, strict=True)]
        wanted = split(left, [space * weight for space, weight in zip(room, weights, strict=True)])
        parts = [part + min(more, space) for part, more, space in zip(parts, wanted, room, strict=True)]
    return parts
