import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilize.core.phones import BadPhone, masked, normalised

NUMBERS = st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}", fullmatch=True)


@given(
    number=NUMBERS,
    prefix=st.sampled_from(["", "+86", "+86 ", "0086", "86 ", "＋86"]),
    blank=st.sampled_from(["", " ", "-"]),
    wide=st.booleans(),
)
def test_every_spelling_of_a_number_is_the_same_number(number, prefix, blank, wide):
    typed = prefix + blank.join([number[:3], number[3:7], number[7:]])
    if wide:
        typed = typed.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert normalised(typed) == f"+86{number}"


@pytest.mark.parametrize(
    "typed",
    ["", "1", "138", "abcdefghijk", "+86", "1" * 40, "010 1234 5678", "+1 900 555 1234", "+44 7911 123456"],
)
def test_what_cannot_be_called_is_refused(typed):
    with pytest.raises(BadPhone):
        normalised(typed)


def test_others_see_the_ends_of_a_number_alone():
    assert masked("+8613812345678") == "138****5678"
    assert masked("+86") == "****"
