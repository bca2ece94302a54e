"""What is shown and scanned at a post. Nothing is stored: codes are signed, and checked against the clock.

Two kinds. The post's code changes every half minute, so a photo of it is worth nothing soon after. A person's code says
that she has signed up for this shift; it stays the same, so that it works without network and on paper, and is only
worth anything in the hand of whoever keeps the list and sees her face.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from mobilize.core.crypto import keyed_hash, same
from mobilize.core.errors import Conflict, NotFound

WINDOW = timedelta(seconds=30)
STILL_GOOD = timedelta(seconds=20)  # after its window, for whoever scanned it in its last second
SHORT = 6  # digits, for typing
_MAC = 8  # bytes
_NUMBER = 4  # bytes of a window's number


def window(now: datetime) -> int:
    """Return the number of the window a moment lies in."""
    return int(now.timestamp() // WINDOW.total_seconds())


def seconds_left(now: datetime) -> int:
    """Return after how many seconds the post's code changes."""
    length = int(WINDOW.total_seconds())
    return length - int(now.timestamp()) % length


def of_post(shift_id: UUID, *, now: datetime) -> str:
    """Return the post's code of this half minute, for an address."""
    number = window(now)
    return b64_encode(shift_id.bytes + number.to_bytes(_NUMBER, "big") + _post_mac(shift_id, number)).decode()


def read_post(token: str, *, now: datetime) -> UUID:
    """Return the shift that a post's code is about.

    Raises:
        NotFound: `unknown_code`: cut off or made up.
        Conflict: `code_is_old` with `shift_id`: somebody forwarded it, or it lay around.
    """
    raw = _decoded(token, 16 + _NUMBER + _MAC)
    shift_id, number = UUID(bytes=raw[:16]), int.from_bytes(raw[16 : 16 + _NUMBER], "big")
    if not same(_post_mac(shift_id, number).hex(), raw[-_MAC:].hex()):
        raise NotFound("unknown_code")
    if number > window(now) or window(now - STILL_GOOD) > number:
        raise Conflict("code_is_old", shift_id=str(shift_id))
    return shift_id


def of_signup(signup_id: UUID) -> str:
    """Return a person's own code, for an address."""
    return b64_encode(signup_id.bytes + _signup_mac(signup_id)).decode()


def read_signup(token: str) -> UUID:
    """Return the sign-up that a person's code is about.

    Args:
        token: the code, or the whole address it stands in.
    Raises:
        NotFound: `unknown_code`.
    """
    raw = _decoded(token.strip().rstrip("/").rpartition("/")[2], 16 + _MAC)
    signup_id = UUID(bytes=raw[:16])
    if not same(_signup_mac(signup_id).hex(), raw[-_MAC:].hex()):
        raise NotFound("unknown_code")
    return signup_id


def short_of_signup(signup_id: UUID) -> str:
    """Return the six digits under a person's code. On one shift two people may have the same, rarely."""
    return f"{int(keyed_hash('attendance.short', str(signup_id))[:12], 16) % 10**SHORT:0{SHORT}d}"


def is_short(shown: str) -> bool:
    """Tell whether somebody typed digits instead of scanning."""
    return shown.isascii() and shown.isdigit() and len(shown) == SHORT


def _decoded(token: str, length: int) -> bytes:
    try:
        raw = b64_decode(token.encode("ascii"))
    except ValueError:
        raise NotFound("unknown_code") from None
    if len(raw) != length:
        raise NotFound("unknown_code")
    return raw


def _post_mac(shift_id: UUID, number: int) -> bytes:
    return bytes.fromhex(keyed_hash("attendance.post", str(shift_id), str(number)))[:_MAC]


def _signup_mac(signup_id: UUID) -> bytes:
    return bytes.fromhex(keyed_hash("attendance.signup", str(signup_id)))[:_MAC]


# --- having stood before a post's code ---------------------------------------------------------------------------

STOOD_FOR = timedelta(minutes=10)  # time to sign in, with a code by message


def stood(shift_id: UUID, *, at: datetime) -> str:
    """Return a proof, for the session of whoever scanned a good code, that outlives the code itself."""
    return _stood_signer().sign(f"{shift_id}_{int(at.timestamp())}")


def read_stood(proof: str, *, now: datetime) -> tuple[UUID, datetime]:
    """Return the shift whose code was scanned, and when.

    Raises:
        NotFound: `unknown_code`.
        Conflict: `code_is_old` with `shift_id`.
    """
    try:
        shift_id, at = _stood_signer().unsign(proof).split("_")
    except BadSignature:
        raise NotFound("unknown_code") from None
    scanned_at = datetime.fromtimestamp(int(at), tz=now.tzinfo)
    if now - scanned_at > STOOD_FOR:
        raise Conflict("code_is_old", shift_id=shift_id)
    return UUID(shift_id), scanned_at


def _stood_signer() -> Signer:
    return Signer(salt="attendance.stood", sep="~")
