"""Every string speaks Chinese, and what is compiled is what is written."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from frontend.sentences import SENTENCES

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@pytest.fixture(scope="module")
def entries():
    return polib.pofile(str(CATALOGUE))


def test_no_translation_is_missing(entries):
    assert [e.msgid for e in entries if not e.obsolete and not e.translated()] == []


def test_the_compiled_catalogue_is_up_to_date(entries):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    spoken = {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in compiled}
    assert spoken == {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in entries if not e.obsolete}


def test_placeholders_survive_translation(entries):
    def names(text):
        return set(PLACEHOLDER.findall(text))

    odd = [e.msgid for e in entries if not e.msgid_plural and names(e.msgid) != names(e.msgstr)]
    odd += [e.msgid for e in entries if e.msgid_plural and names(e.msgid_plural) != names(e.msgstr_plural[0])]
    assert odd == []


def test_every_string_of_the_templates_and_the_code_is_in_the_catalogue(entries):
    known = {e.msgid for e in entries}
    root = Path(settings.ROOT)
    used = set()
    for template in (root / "frontend" / "templates").rglob("*.html"):
        used |= set(re.findall(r"""\{%\s*translate "([^"]+)\"""", template.read_text()))
        used |= set(re.findall(r"""_\("([^"]+)"\)""", template.read_text()))
    for module in [*(root / "frontend").rglob("*.py"), *(root / "mobilize").rglob("*.py")]:
        used |= set(_marked(ast.parse(module.read_text())))
    assert sorted(used - known) == []


def _marked(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in {"_", "gettext", "gettext_lazy", "ngettext"}:
                yield node.args[0].value


def test_every_code_a_service_raises_has_a_sentence():
    for module in Path(settings.ROOT, "mobilize").rglob("*.py"):
        if module.name in {"api.py", "rest.py", "serializers.py"} or "migrations" in module.parts:
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Conflict", "Forbidden", "NotFound"}:
                codes = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
                assert set(codes) <= set(SENTENCES), f"{module.name}: {codes}"
