"""The project with its guards switched off: the control that shows the race tests can fail.

The locks on shifts, people and tasks lock nothing; a shift's counters and the need of a task are read, reckoned and
written back in three steps.
"""

from config.wsgi import application
from mobilize.core import locks
from mobilize.core.errors import Conflict
from mobilize.dispatch import services as dispatch
from mobilize.signups import places
from mobilize.tasks.models import Task

__all__ = ["application"]


def take_from_need_in_three_steps(task: Task, vehicles: int) -> None:
    left = Task.objects.get(pk=task.pk).vehicles_left
    if left < vehicles:
        raise Conflict("need_is_filled", left=left)
    task.vehicles_accepted += vehicles
    Task.objects.filter(pk=task.pk).update(vehicles_accepted=task.vehicles_accepted)


locks.guarded = lambda rows: rows
places.hold = lambda people: None
places.take_one = lambda **values: None
dispatch._take_from_need = take_from_need_in_three_steps
