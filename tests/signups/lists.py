"""People as a leader or an officer types them."""

from django.utils import timezone

from mobilize.signups import groups
from mobilize.workers.enrolment import PersonLine
from tests import acting

NAMES = ["李英", "张三", "王五", "赵六", "钱七", "孙八"]


def people(count, first=0):
    return [PersonLine(name=NAMES[n % 6], phone=f"13800{first + n:06d}") for n in range(count)]


def bring(shift, leader, others, *, first=0, **more):
    """A leader signs up a group of herself and `others`."""
    given = {"name": "一车间", "accepts_covenant": True, "now": timezone.now()} | more
    return groups.sign_up_group(
        actor=acting.worker(leader.user), shift_id=shift.pk, members=people(others, first), **given
    )


def statuses(group):
    return set(group.signups.values_list("status", flat=True))
