"""The project with its row locks switched off: the control that shows the race tests can fail."""

from mobilize.core import locks

locks.guarded = lambda rows: rows

from config.wsgi import application  # noqa: E402

__all__ = ["application"]
