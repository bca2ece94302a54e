"""Sorting Chinese names: embedded PostgreSQL has no ICU collation, so rows carry their pinyin."""


def sort_key(name: str) -> str:
    """Return a name's pinyin in small letters, at most 200 characters: 太原 -> taiyuan."""
    from pypinyin import lazy_pinyin  # its dictionaries cost 0.3 s, which most processes never need

    return " ".join(lazy_pinyin(name)).lower()[:200]
