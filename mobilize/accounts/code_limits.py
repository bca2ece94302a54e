"""Who may ask for how many sign-in codes: by number, address, range of numbers, network, and all together.

Every code is an SMS that somebody pays for. Pumpers take ranges of numbers, bots take networks. Below the hard limits
lie softer ones; beyond them a code costs a proof of work.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings

from mobilize.core import limits, proofs
from mobilize.core.errors import TooMany
from mobilize.core.limits import Limit

TOO_FAST = "codes_too_fast"
TEN_MINUTES = timedelta(minutes=10)


def demand(*, number: str, address: str, proof: str, now: datetime) -> None:
    """Refuse at once what has no room, and ask for a proof of work where tries are no longer free. Counts nothing.

    Args:
        number: E.164.
        address: where the request came from; may be empty.
        proof: as solved for this number; may be empty.
        now: current time.
    Raises:
        TooMany: `codes_too_fast` with `retry_after` seconds.
        TooMany: `proof_required` with `retry_after` seconds and the `challenge` to solve.
    """
    tight = limits.demand_room(_shared(number, address), code=TOO_FAST)
    if tight and not proofs.is_right(proof, subject=number, now=now):
        raise _asking(tight, number, now)


def spend(*, number: str, address: str, proof: str, now: datetime) -> None:
    """Count one code that is about to be sent, and use its proof up. For the arguments see `demand`.

    Raises:
        TooMany: as `demand`.
    """
    shared = _shared(number, address)
    tight = limits.demand_room(shared, code=TOO_FAST)
    if tight and not proofs.use_up(proof, subject=number, now=now):
        raise _asking(tight, number, now)
    limits.spend(shared, code=TOO_FAST)


def _asking(tight: Limit, number: str, now: datetime) -> TooMany:
    challenge = proofs.challenge(subject=number, now=now)
    return TooMany("proof_required", retry_after=limits.seconds_left(tight), challenge=challenge)


def _shared(number: str, address: str) -> list[Limit]:
    """Return the limits a code counts in, from the fewest askers to all."""
    host, network = _places(address)
    # A whole depot shares one mobile gateway; a carrier's gateways share a network; 10,000 numbers share a range.
    by_host = Limit(what="codes-address", subject=host, free=20, most=300, window=TEN_MINUTES)
    by_range = Limit(what="codes-range", subject=number[:-4], free=40, most=300, window=TEN_MINUTES)
    by_network = Limit(what="codes-network", subject=network, free=200, most=3000, window=TEN_MINUTES)
    most = settings.MOST_CODES_A_MINUTE
    by_all = Limit(what="codes", subject="all", free=most // 2, most=most, window=timedelta(minutes=1))
    return [by_host, by_range, by_network, by_all] if address else [by_range, by_all]


def _places(address: str) -> tuple[str, str]:
    """Return what counts as one address and as one network: IPv4 itself and its /24, IPv6 its /64 and its /48."""
    try:
        ip = ip_address(address)
    except ValueError:  # a proxy's own spelling
        return address, address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    host, network = (32, 24) if ip.version == 4 else (64, 48)
    return tuple(str(ip_network((ip, length), strict=False)) for length in (host, network))  # type: ignore[return-value]
