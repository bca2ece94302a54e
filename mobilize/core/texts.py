"""What people may be shown of what others typed."""

import re
import unicodedata

from django.core.exceptions import ValidationError

MOST_NAME = 60
MOST_DIGITS = 4  # 张伟2 and 李英(0312) are names; a number to call is none
SIGNS_OF_A_NAME = "·•‧・.．'’-‐()（）"  # as people type them
# evil.cn, evil。cn/x, 10.0.0.1: a telephone makes a link of each.
ADDRESS = re.compile(r"[^\W_][.。](?:[a-z]{2,}|中国|公司|网络)|\d\.\d+\.\d", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Tell whether a text fits into a message to others.

    It has no control or formatting signs, no address of a page, and no 【】, in which messages name their sender.
    """
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} or sign in "【】" for sign in text):
        return False
    narrow = unicodedata.normalize("NFKC", text)
    return "://" not in narrow and not ADDRESS.search(narrow)


def fault_of_name(name: str) -> str:
    """Return what is wrong with a person's name; wherever one is typed, for oneself or for somebody else, this decides.

    Args:
        name: as typed.
    Returns:
        `required`, `too_long`, `bad_text`, or empty when it is good.
    """
    plain = name.strip()
    if not plain:
        return "required"
    if len(plain) > MOST_NAME:
        return "too_long"
    digits = sum(sign.isdigit() for sign in plain)
    odd = (sign for sign in plain if not (sign.isalnum() or sign == " " or sign in SIGNS_OF_A_NAME or _marks(sign)))
    if not is_plain(plain) or digits > MOST_DIGITS or any(odd):
        return "bad_text"
    return ""


def _marks(sign: str) -> bool:
    """Accents and vowels that are written as signs of their own."""
    return unicodedata.category(sign).startswith("M")


def validate_name(name: str) -> None:
    """Refuse a name in a form of the back office.

    Raises:
        ValidationError
    """
    if fault := fault_of_name(name):
        raise ValidationError(fault.replace("_", " "), code=fault)
