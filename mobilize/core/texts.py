"""What people may be shown of what others typed."""

import unicodedata


def is_plain(text: str) -> bool:
    """Tell whether a text fits into a message to others: no control or formatting signs, no address of a page."""
    return "://" not in text and not any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in text)
