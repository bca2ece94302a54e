"""Pages by number."""

from contextlib import suppress
from typing import Any

from django.core import paginator


class Paginator(paginator.Paginator):
    """Leads to the first page for a number below it (Django itself leads to the last)."""

    def get_page(self, number: Any) -> paginator.Page:
        with suppress(TypeError, ValueError):
            number = max(1, int(number))
        return super().get_page(number)
