"""Every phone page is light: bytes, requests, hosts, fonts and layout shift within the budgets, in a real Chromium."""

import pytest
from django.conf import settings

from tests.flows.city import a_city
from tests.flows.weighing import MOST_AGAIN, Scales, packed_server
from tests.frontend.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_no_phone_page_is_over_its_budget_and_opened_again_it_costs_one_request(client, open_context, tmp_path):
    city, faults = a_city(), {}
    with packed_server(tmp_path) as server:
        for who in ("stranger", "worker"):
            context = open_context(is_mobile=True, has_touch=True)
            if who in city["people"]:
                client.force_login(city["people"][who], BACKEND)
                session = client.cookies[settings.SESSION_COOKIE_NAME].value
                context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}])
            scales = Scales(context)
            weights = {path: scales.weigh(server + path) for path in city[who]}
            assert scales.requests_again() <= MOST_AGAIN
            faults |= {path: weight.faults for path, weight in weights.items() if weight.faults}
    assert faults == {}
