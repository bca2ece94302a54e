"""Every page is open to everybody and light: axe finds nothing, thumbs hit, large text does not scroll sideways, and
what a phone has to load stays within its budgets."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.flows.conftest import DESK
from tests.flows.pages import lived_in
from tests.flows.weighing import Scales
from tests.frontend.conftest import BACKEND, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Axe()
# Interactive things lower than 48 CSS pixels. A checkbox is hit through its label, a card as a whole,
# and what a mark on the drawn map leads to has a row of its own.
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary, label:has(input)')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden')
  .filter(e => !e.matches('.skip, .card--link a, .drawn a, input:is([type=checkbox], [type=radio])'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.height < 47.5 || box.width < 35)
  .map(([e, box]) => `${e.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""
# What makes the page wider than the phone: the innermost ones. innerWidth would grow with them.
STICKS_OUT = """() => {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return []
  const wide = [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > clientWidth + .5)
  const innermost = wide.filter(e => !wide.some(other => e !== other && e.contains(other)))
  return [`${scrollWidth - clientWidth} px`, ...innermost.map(e => e.outerHTML.slice(0, 90))]
}"""
SMALL_TEXT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 18).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def city():
    """Every page there is, and who opens it."""
    return lived_in()


@pytest.fixture
def pages(city, client, open_context, live_server):
    """Return a function that yields every page of the city with its weight, opened by the one it is for."""

    def _pages(language, *, readers=("stranger", "worker", "officer"), **options):
        for who in readers:
            context = open_context(service_workers="block", **options)
            jar = [("django_language", language)]
            if who != "stranger":
                client.force_login(city["people"][who], BACKEND)
                show(client, city["people"][who], "password", "mfa")
                jar.append((settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value))
            context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in jar])
            page = context.new_page()
            scales = Scales(page, keeps=False)
            for path in city[who]:
                yield path, page, as_served(scales.weigh(path))

    return _pages


@pytest.mark.parametrize(("language", "scheme"), [("zh-hans", "light"), ("en", "dark")])
def test_on_a_phone_axe_finds_nothing_thumbs_hit_large_text_fits_and_no_page_is_heavy(pages, language, scheme):
    wrong = {}
    for path, page, weight in pages(language, color_scheme=scheme, has_touch=True, is_mobile=True):
        main = page.locator("main .button--main")
        boxes = [main.nth(i).bounding_box() for i in range(main.count())]
        found = {
            "axe": violations(page),
            "small targets": page.evaluate(SMALL_TARGETS),
            "small text": page.evaluate(SMALL_TEXT),
            "low main buttons": [box for box in boxes if box and box["height"] < 60],
            "over budget": weight.over(urlsplit(page.url).netloc),
        }
        for size in (1.4, 1.8):
            page.evaluate(f"document.documentElement.style.fontSize = '{18 * size}px'")
            found[f"sideways at {size}"] = page.evaluate(STICKS_OUT)
        if not path.startswith("/desk/"):
            page.evaluate("document.documentElement.style.fontSize = ''; document.documentElement.className = 'elder'")
            assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
            found["sideways in the elder version"] = page.evaluate(STICKS_OUT)
        if found := {name: what for name, what in found.items() if what}:
            wrong[path] = found
    assert wrong == {}


def test_a_wide_desk_is_open_and_light_too(pages):
    for path, page, weight in pages("zh-hans", readers=["officer"], viewport=DESK):
        assert weight.over(urlsplit(page.url).netloc) == {}, path
        assert violations(page) == [], path
        if page.locator("[data-keys]").count():  # which a phone does not show
            page.emulate_media(color_scheme="dark")
            assert violations(page) == [], f"{path} in the dark"
            page.emulate_media(color_scheme="light")


def as_served(weight):
    """Return a weight with static files as small as they leave in production; here they come plain."""
    for load in weight.loads:
        path = urlsplit(load.url).path
        if path.startswith(settings.STATIC_URL) and not load.packed:
            load.size -= saved(path.removeprefix(settings.STATIC_URL))
    return weight


@cache
def saved(name):
    """Return how many bytes a static file loses when it leaves packed by brotli, which browsers take over HTTPS."""
    plain = Path(finders.find(name)).read_bytes()
    return max(0, len(plain) - len(brotli.compress(plain)))


def violations(page):
    """Return what axe finds: rules with the elements that break them."""
    rules = AXE.run(page).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in rules]
