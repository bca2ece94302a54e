"""Choices that come from the domain: the officer's unions, sites, posts."""

from itertools import groupby
from typing import Any

from frontend.templatetags.ui import spoken
from mobilize.campaigns import queries as campaigns
from mobilize.core.actor import Actor
from mobilize.tasks import queries as tasks
from mobilize.tasks.policies import posts_of
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

INDENT = "\u3000"  # an ideographic space: browsers keep it inside an option


def union_choices(actor: Actor, *, at_least: Role = Role.VIEWER) -> list[tuple[str, str]]:
    """Return the branches where the officer has this role, indented by depth."""
    rows = unions.visible_tree(actor, at_least=at_least)
    return [(str(row.union.pk), INDENT * row.depth + spoken(row.union)) for row in rows]


def site_choices(first: str = "") -> list[tuple[str, Any]]:
    """Return all sites, grouped by district.

    Args:
        first: districts with a site of this kind come first.
    """
    sites = list(tasks.sites())
    wanted = {site.district for site in sites if site.kind == first}
    return _grouped(sorted(sites, key=lambda site: site.district not in wanted), lambda site: site.district, spoken)


def post_choices(task: Any) -> list[tuple[str, Any]]:
    """Return the posts that a task may fill, grouped by site, the task's own site first."""
    rows = sorted(tasks.posts(posts_of(task.union_id)), key=lambda post: post.site_id != task.site_id)
    return _grouped(rows, lambda post: spoken(post.site), lambda post: post.get_kind_display())


def first_post(task: Any, posts: list[tuple[str, Any]]) -> str:
    """Return the first post of the task's own site; empty when it has none.

    Args:
        posts: as `post_choices` returns them.
    """
    return posts[0][1][0][0] if posts and posts[0][0] == spoken(task.site) else ""


def campaign_choices() -> list[tuple[str, str]]:
    """Return the public campaigns, the newest first."""
    return [(str(campaign.pk), spoken(campaign, "title")) for campaign in campaigns.public()]


def _grouped(rows: Any, heading: Any, label: Any) -> list[tuple[str, Any]]:
    return [(name, [(str(row.pk), label(row)) for row in group]) for name, group in groupby(rows, heading)]
