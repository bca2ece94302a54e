"""A post's code is worth something for half a minute, a person's code on her shift alone."""

from datetime import UTC, datetime, timedelta

import pytest

from mobilize.attendance import codes
from mobilize.core.errors import Conflict, NotFound
from mobilize.core.ids import uuid7

NOON = datetime(2022, 11, 20, 12, 0, 5, tzinfo=UTC)


def test_a_posts_code_changes_each_half_minute_and_stays_good_a_little_longer():
    shift_id = uuid7()
    token = codes.of_post(shift_id, now=NOON)
    assert codes.of_post(shift_id, now=NOON + timedelta(seconds=24)) == token
    assert codes.of_post(shift_id, now=NOON + timedelta(seconds=25)) != token
    assert codes.read_post(token, now=NOON + timedelta(seconds=44)) == shift_id


@pytest.mark.parametrize("later", [timedelta(seconds=46), timedelta(days=1), -timedelta(minutes=1)])
def test_a_forwarded_photo_of_it_is_refused_and_says_of_which_shift_it_was(later):
    shift_id = uuid7()
    with pytest.raises(Conflict, match="code_is_old") as refused:
        codes.read_post(codes.of_post(shift_id, now=NOON), now=NOON + later)
    assert refused.value.data == {"shift_id": str(shift_id)}


@pytest.mark.parametrize("read", [lambda token: codes.read_post(token, now=NOON), codes.read_signup])
@pytest.mark.parametrize("token", ["", "x", "报名", "A" * 38, "A" * 32, "=" * 40])
def test_what_is_made_up_is_no_code(read, token):
    with pytest.raises(NotFound, match="unknown_code"):
        read(token)


def test_one_sign_changed_makes_a_code_unknown():
    token = codes.of_signup(uuid7())
    assert codes.read_signup(f"https://example.org/w/{token}/") == codes.read_signup(token)
    with pytest.raises(NotFound, match="unknown_code"):
        codes.read_signup(token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1])


def test_the_moment_of_a_scan_is_never_later_than_the_scan():
    scanned_at = NOON + timedelta(milliseconds=900)
    _shift_id, remembered = codes.read_stood(codes.stood(uuid7(), at=scanned_at), now=scanned_at)
    assert remembered <= scanned_at
