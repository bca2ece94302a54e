"""What a text looks like once it is filled, for those who write it."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override

from mobilize.channels import budget
from mobilize.channels.services import SENDER
from mobilize.reminders import wordings
from mobilize.tasks.states import PostKind

A_DAY, A_WEEK_LATER = date(2026, 12, 1), date(2026, 12, 7)
BY_LANGUAGE = {
    "zh-hans": {
        "site": "太原南站", "address": "小店区太谷路 1 号", "who": "王芳", "leader": "李强", "group": "一车间突击队",
        "title": "运送采样人员", "from": "太原站", "other": "12月3日 08:00 太原站",
        "trips": "22:10 太原武宿国际机场; 23:40 太原南站", "union": "太原市总工会",
    },
    "en": {
        "site": "Taiyuan South Station", "address": "1 Taigu Road", "who": "Wang Fang", "leader": "Li Qiang",
        "group": "Shop floor 1", "title": "Take testers to their sites", "from": "Taiyuan Station",
        "other": "3 December 08:00 Taiyuan Station", "trips": "22:10 Taiyuan Airport; 23:40 Taiyuan Station",
        "union": "Taiyuan Federation of Trade Unions",
    },
}  # fmt: skip
SAME_IN_ALL = {
    "time": "07:00", "until": "18:30", "n": "3", "places": "8", "hours": "6", "count": "12", "plate": "晋A12345",
    "number": "CA1104", "arrival": "21:40", "start": "22:10", "was": "20:10", "shifts": "126", "people": "1,032",
    "unfilled": "41", "lost": "7",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with the facts of an invented case.

    Attributes:
        body: as it would be read, sender included.
        segments: as how many SMS it is sent and paid.
    """

    body: str
    segments: int


def sample(text: str, language: str) -> Sample:
    """Fill a text that `wordings.fault` found good.

    Args:
        text: with {facts}.
        language: in which it is.
    """
    with override(language):
        day, last = (date_format(one, "MONTH_DAY_FORMAT") for one in (A_DAY, A_WEEK_LATER))
        facts = SAME_IN_ALL | BY_LANGUAGE[language] | {
            "day": day,
            "week": f"{day}–{last}",
            "post": str(PostKind.ORDER.label),
            "link": f"{settings.PUBLIC_URL}/signups/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/",
        }  # fmt: skip
    body = SENDER + wordings.fill(text, facts)
    return Sample(body, budget.segments(body))
