"""Pages of one's own are kept by no cache for others, and forgotten with the session."""

import pytest
from django.urls import reverse


@pytest.mark.parametrize("name", ["duties", "profile", "hours", "my_messages", "honours"])
def test_a_page_of_ones_own_is_private_and_asked_for_anew(phone, name):
    assert phone.get(reverse(name))["Cache-Control"] == "private, no-cache"


def test_signing_out_clears_what_the_browser_kept(phone):
    assert "Clear-Site-Data" not in phone.get(reverse("duties"))
    assert phone.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'
