"""Share links of unions: a poster to print for each, and what came through them."""

import segno
from django.http import HttpRequest, HttpResponse

from frontend.forms.unions import UnionSearchForm
from frontend.htmx import render
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from frontend.views.appeal import share_link
from mobilize.campaigns import queries as campaigns
from mobilize.core.actor import OFFICER
from mobilize.unions import policies as union_policies
from mobilize.unions import queries as unions

A_PAGE = 20
QUIET_ZONE = 4  # modules, as the standard demands


def poster(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show one printed page with the QR code of a union's share link."""
    campaign, union = campaigns.by_slug(slug), unions.by_code(code)
    link = share_link(campaign.slug, union.code)
    qr = segno.make(link, error="m", micro=False).svg_inline(border=QUIET_ZONE, omitsize=True)
    at_desk = OFFICER in actor_of(request).scopes
    context = {"campaign": campaign, "union": union, "link": link, "qr": qr, "at_desk": at_desk}
    return render(request, "worker/poster.html", context)


@desk_page
def desk_posters(request: HttpRequest) -> HttpResponse:
    """List my branches' unions with share link, poster, and the readers and volunteers who came through them."""
    mine = union_policies.unions_visible_to(actor_of(request))
    campaign = campaigns.current()
    if campaign is None:
        return render(request, "desk/posters.html")
    form = UnionSearchForm(request.GET)
    found = unions.search_in(campaigns.through_share_links(mine, campaign_id=campaign.pk), form.word())
    context = {
        "campaign": campaign,
        "filters": form,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "desk/posters.html", context, parts=["results"])
