"""Numbers of certificates: a year, seven random digits and a check digit. A mistyped one never passes as another's."""

from datetime import date

from mobilize.core.crypto import digits

LENGTH = 12


def new(day: date) -> str:
    """Return a number for a certificate of that day."""
    stem = f"{day.year}{digits(LENGTH - 5)}"
    return stem + _check_digit(stem)


def is_number(text: str) -> bool:
    """Tell whether a text is a number with the right check digit (Luhn, ISO/IEC 7812-1: finds every wrong digit)."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and _check_digit(text[:-1]) == text[-1]


def _check_digit(stem: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(stem)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
