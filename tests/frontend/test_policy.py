"""What pages may load and ask of the device: themselves alone, but for the two faces that were made by others."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/nothing/here/"])
def test_a_page_loads_from_here_alone(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/shifts/", "/healthz", "/nothing/here/", "/api/v1/docs/"])
def test_a_page_may_ask_where_the_phone_is_and_nothing_else(client, path):
    policy = client.get(path)["Permissions-Policy"].split(", ")
    assert [feature for feature in policy if not feature.endswith("=()")] == ["geolocation=(self)"]
    assert {"camera=()", "microphone=()", "payment=()"} <= set(policy)


def test_the_apis_description_alone_may_set_styles(client):
    assert "style-src 'self' 'unsafe-inline'" in client.get(reverse("docs"))["Content-Security-Policy"]
    assert "unsafe" not in client.get("/sign-in/")["Content-Security-Policy"]
