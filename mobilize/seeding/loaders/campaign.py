"""The campaign with its appeal and covenant, and how often it was read."""

from mobilize.campaigns.models import Campaign, CovenantArticle, ViewTally
from mobilize.campaigns.states import CampaignStatus
from mobilize.seeding.files import read
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.seeding.shares import split


def load() -> None:
    """Write the campaign and the articles of its covenant."""
    data = read("campaign")
    entry = data["campaign"]
    campaign = Campaign.objects.create(
        slug=entry["slug"],
        union_id=union_ids()[entry["union"]],
        title=entry["zh"],
        title_en=entry["en"],
        appeal="\n\n".join(data["appeal"]["zh"]),
        appeal_en="\n\n".join(data["appeal"]["en"]),
        status=CampaignStatus.OPEN,
        starts_on=entry["opened_on"],
    )
    CovenantArticle.objects.bulk_create(
        CovenantArticle(campaign=campaign, number=number, text=article["zh"], text_en=article["en"])
        for number, article in enumerate(data["covenant"]["articles"], start=1)
    )


def load_views() -> None:
    """Write the views of the campaign's days."""
    views = read("campaign")["views"]
    counts = split(views["total"], list(views["by_day"].values()))
    campaign = the_campaign()
    ViewTally.objects.bulk_create(
        ViewTally(campaign=campaign, day=day, count=count) for day, count in zip(views["by_day"], counts, strict=True)
    )


def the_campaign() -> Campaign:
    """Return the seeded campaign."""
    return Campaign.objects.get(slug=read("campaign")["campaign"]["slug"])


def is_loaded() -> bool:
    """Tell whether the campaign is there; unions, supply directory and figures are written with it."""
    return Campaign.objects.filter(slug=read("campaign")["campaign"]["slug"]).exists()
