"""Sites, the nine teams, and the posts they keep."""

from typing import Any

from mobilize.core.pinyin import sort_key
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.tasks.models import Post, Site, Team
from mobilize.unions.models import Union


def load() -> None:
    """Write sites, teams and posts."""
    sites = _write_sites()
    data = read("posts")
    kept = {data[group]["site"]: data[group]["posts"] for group in ("palace_posts", "community_posts")}
    _write_teams(data["teams"], sites[data["teams"]["site"]])
    by_kind = read("sites")["posts"]
    for code, site in sites.items():
        posts = kept.get(code) or [{"post": kind, "zh": ""} for kind in by_kind.get(site.kind, [])]
        Post.objects.bulk_create(Post(site=site, kind=post["post"], note=post["zh"]) for post in posts)


def _write_sites() -> dict[str, Site]:
    unions = union_ids()
    districts = dict(Union.objects.values_list("code", "name"))
    sites = {
        entry["code"]: Site(
            name=entry["zh"],
            name_en=entry["en"],
            kind=entry["kind"],
            district=districts[entry["district"]].removesuffix("总工会"),
            address=entry["address"],
            latitude=entry["at"][0],
            longitude=entry["at"][1],
            union_id=unions[entry.get("union", entry["district"])],
            sort_key=sort_key(entry["zh"]),
        )
        for entry in read("sites")["sites"]
    }
    Site.objects.bulk_create(sites.values())
    return sites


def _write_teams(data: dict[str, Any], site: Site) -> None:
    """Fixed people on fixed posts: each team keeps one post at the command post."""
    campaign, union = the_campaign(), union_ids()[data["union"]]
    for position, entry in enumerate(data["teams"], start=1):
        team = Team.objects.create(
            campaign=campaign, union_id=union, name=entry["zh"], name_en=entry["en"], position=position
        )
        Post.objects.create(site=site, team=team, kind=entry["post"])
