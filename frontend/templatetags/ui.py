"""Small helpers of the design system."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from frontend.icons import PATHS

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an inline icon of 24 units, hidden from assistive technology (its neighbour text says the word).

    Args:
        name: a key of `frontend.icons.PATHS`.
    """
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        mark_safe(PATHS[name]),  # noqa: S308 - our own constant
    )
