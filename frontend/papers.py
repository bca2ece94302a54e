"""Files to keep and to print, made from the same HTML and CSS as the pages: PDF by WeasyPrint, PNG from that.

Both need Pango and a Chinese font on the server (see README). The font is cut down to the signs that are used.
"""

import subprocess
from functools import lru_cache
from io import BytesIO

from django.contrib.staticfiles import finders
from django.core.cache import cache

from mobilize.core.errors import Conflict

KEPT = 3600  # seconds
SCALE = 2.5  # pixels a point: 2,105 x 1,488 for A4


def pdf(html: str, css: str, *, key: str) -> bytes:
    """Return a page as PDF.

    Args:
        html: the page; it may refer to nothing outside itself.
        css: path of a static file.
        key: names the page in the cache; the same key always means the same page.
    Raises:
        Conflict: `no_paper`.
    """
    made = cache.get(f"paper:{key}")
    if made is None:
        made = _made(html, css)
        cache.set(f"paper:{key}", made, KEPT)
    return made


def _made(html: str, css: str) -> bytes:
    if not _can_print():
        raise Conflict("no_paper")
    from weasyprint import CSS, HTML  # only here: it loads Pango, which not every server has
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    sheet = CSS(filename=finders.find(css), font_config=fonts, url_fetcher=_fetch_nothing)
    return HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=[sheet], font_config=fonts)


def _fetch_nothing(url: str, *_: object, **__: object) -> None:
    raise ValueError(url)


@lru_cache
def _can_print() -> bool:
    """Tell whether Pango and a Chinese font are there."""
    try:
        import weasyprint  # noqa: F401

        command = ["fc-list", ":lang=zh-cn", "family"]
        fonts = subprocess.run(command, capture_output=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(fonts.stdout.strip())


def png(document: bytes) -> bytes:
    """Return the first page of a PDF as a picture."""
    import pypdfium2

    picture = BytesIO()
    pypdfium2.PdfDocument(document)[0].render(scale=SCALE).to_pil().save(picture, "PNG", optimize=True)
    return picture.getvalue()
