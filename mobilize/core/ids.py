"""Time-ordered identifiers."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7; the fraction of the millisecond by method 3 of section 6.2).

    New rows land at the end of an index, and ids of one process sort by their time of creation to 1/4096 ms.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def reference(row_id: UUID) -> str:
    """Return what people say on the telephone instead of an id: its last eight signs, e.g. 1C103C3A."""
    return row_id.hex[-8:].upper()
