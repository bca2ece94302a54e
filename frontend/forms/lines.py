"""Lists of people pasted as lines, one a line; each line's errors stand beside it."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from frontend.sentences import words
from mobilize.core.errors import Invalid
from mobilize.core.phones import BadPhone, normalised
from mobilize.workers.enrolment import PersonLine

BETWEEN = re.compile(r"[,，;；\t|、]|\s{2,}")
ORDINAL = re.compile(r"^\s*[(（]?\d{1,3}[.．)）、]")
NUMBER = re.compile(r"[+＋]?\d[\d\s-]{5,}")
AT_THE_END = re.compile(rf"(?:\d{{1,3}}\s+)?(?P<name>.*?)\s*(?P<phone>{NUMBER.pattern})")
MISSING = {
    "name": _("The name is missing."),
    "phone": _("The phone number is missing."),
    "plate": _("The plate is missing."),
}
TWICE = {
    "phone": _("The same phone number stands in line %(n)s."),
    "plate": _("The same plate stands in line %(n)s."),
}


def cut(line: str, *, at_least: int) -> list[str]:
    """Cut a line at commas, tabs or wide gaps; at single spaces when that gives too few parts and those more.

    The number of the line, as lists have it, is left out.

    Args:
        line: as pasted, Chinese or Latin signs between the parts.
        at_least: how many parts a complete line has.
    """
    line = ORDINAL.sub("", line).strip()
    parts = [part.strip() for part in BETWEEN.split(line)]
    if len(parts) > at_least and re.fullmatch(r"\d{1,3}", parts[0]):
        parts = parts[1:]
    return parts if len(parts) >= at_least else max(parts, line.split(), key=len)


def person_line(line: str) -> PersonLine:
    """Cut one line into name and number: separated or not, a name with spaces, in a numbered list."""
    parts = [part for part in cut(line, at_least=2) if part]
    if len(parts) > 1 and NUMBER.fullmatch(parts[1]):
        return PersonLine(name=parts[0], phone=parts[1])
    together = AT_THE_END.fullmatch(ORDINAL.sub("", line).strip())
    if together and not BETWEEN.search(together["name"]):
        return PersonLine(name=together["name"], phone=together["phone"])
    name, phone, *_rest = [*parts, "", ""]
    return PersonLine(name="", phone=name) if NUMBER.fullmatch(name) else PersonLine(name=name, phone=phone)


class LinesForm(Form):
    """A form with a field `lines`, which its subclasses declare with their own words.

    `listed` is the domain's name of the list; `read` cuts one line; `spellings` bring what may not stand in the list
    twice into one spelling.
    """

    listed: ClassVar[str]
    read: ClassVar[Callable[[str], Any]]
    spellings: ClassVar[dict[str, Callable[[str], str]]] = {"phone": normalised}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bad_lines: dict[int, dict[str, Any]] = {}
        self._typed: list[tuple[int, str]] = []

    def clean_lines(self) -> list[Any]:
        """Cut the text into lines; what is wrong inside one is the domain's to say."""
        typed = self.cleaned_data["lines"].splitlines()
        self._typed = [(number, line) for number, line in enumerate(typed, 1) if line.strip()]
        return [type(self).read(line) for _number, line in self._typed]

    def refuse(self, error: Invalid) -> None:
        """Gather errors of lines beside them, and the others beside their fields."""
        others = {}
        for name, codes in error.fields.items():
            at = re.fullmatch(rf"{self.listed}\.(\d+)\.(\w+)", name)
            if at is None:
                others["lines" if name == self.listed else name] = codes
                continue
            number, line = self._typed[int(at[1])]
            bad = self.bad_lines.setdefault(number, {"line": line, "sentences": []})
            bad["sentences"] += [self._words(code, int(at[1]), at[2], error.data) for code in codes]
        self.bad_lines = dict(sorted(self.bad_lines.items()))
        if self.bad_lines:
            self.add_error("lines", _("Some lines cannot be taken yet. Nothing is saved until all are right."))
        super().refuse(Invalid(others, **error.data))

    def _words(self, code: str, index: int, field: str, data: dict[str, Any]) -> str:
        if code == "required" and field in MISSING:
            return str(MISSING[field])
        if code == "twice_in_the_list" and field in TWICE:
            return str(TWICE[field]) % {"n": self._first_with_the_same(index, field)}
        return words(code, data)

    def _first_with_the_same(self, index: int, field: str) -> int:
        """The number of the first line that has the same value in a field as the line at `index`."""
        spellings = [self._spelled(line, field) for _number, line in self._typed[: index + 1]]
        return self._typed[spellings.index(spellings[index])][0]

    def _spelled(self, line: str, field: str) -> str:
        try:
            return self.spellings[field](getattr(type(self).read(line), field))
        except BadPhone:
            return ""
