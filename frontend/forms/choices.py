"""Choices that come from the domain: the officer's unions, sites, posts."""

from itertools import groupby
from typing import Any

from frontend.templatetags.ui import spoken
from mobilize.core.actor import Actor
from mobilize.tasks import queries as tasks
from mobilize.unions import policies as unions

INDENT = "\u3000"  # an ideographic space: browsers keep it inside an option


def union_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the officer's branches, indented by depth."""
    return [(str(row.union.pk), INDENT * row.depth + spoken(row.union)) for row in unions.visible_tree(actor)]


def site_choices() -> list[tuple[str, Any]]:
    """Return all sites, grouped by district."""
    return _grouped(tasks.sites(), lambda site: site.district, spoken)


def post_choices() -> list[tuple[str, Any]]:
    """Return all posts, grouped by site."""
    return _grouped(tasks.posts(), lambda post: spoken(post.site), lambda post: post.get_kind_display())


def _grouped(rows: Any, heading: Any, label: Any) -> list[tuple[str, Any]]:
    return [(name, [(str(row.pk), label(row)) for row in group]) for name, group in groupby(rows, heading)]
