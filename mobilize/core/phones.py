"""One spelling for every way to type a phone number."""

import unicodedata

import phonenumbers
from django.conf import settings

MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


class BadPhone(ValueError):
    """Not a number that can be called."""


def normalised(typed: str) -> str:
    """Return a mobile number of the country in E.164, e.g. +8613800000000.

    Nothing else: codes sent to landlines, premium and satellite numbers cost money and reach nobody.

    Args:
        typed: as a person types it: full-width digits, spaces, hyphens, with or without +86, 0086 or 86.
    Raises:
        BadPhone: not a mobile number of the country.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    if plain.startswith("0086"):
        plain = "+86" + plain[4:]
    try:
        number = phonenumbers.parse(plain, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise BadPhone(typed) from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
        raise BadPhone(typed)
    if phonenumbers.region_code_for_number(number) != settings.PHONENUMBER_DEFAULT_REGION:
        raise BadPhone(typed)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(phone: object) -> str:
    """Return the number as others may see it: 138****0000."""
    number = str(phone)
    shown = number.removeprefix("+86")
    return f"{shown[:3]}****{shown[-4:]}" if len(shown) >= 8 else "****"
