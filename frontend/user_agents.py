"""What people call the browser they use."""

# The first that stands in the text; many browsers name others besides.
BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung"), ("Firefox", "Firefox")]
BROWSERS += [("Chrom", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")]
SYSTEMS += [("Mac OS", "Mac"), ("Linux", "Linux")]


def browser_of(user_agent: str) -> str:
    """Return the names of browser and system, e.g. "Chrome · Android"; what is not known is left out."""
    return " · ".join(_first(names, user_agent) for names in (BROWSERS, SYSTEMS) if _first(names, user_agent))


def is_wechat(user_agent: str) -> bool:
    """Tell whether a page is read inside WeChat, whose browser opens and keeps no files."""
    return "MicroMessenger" in user_agent


def _first(names: list[tuple[str, str]], text: str) -> str:
    return next((name for sign, name in names if sign in text), "")
