"""Loading where no people may be made up."""

import json

import pytest
from django.core.management import call_command

from mobilize.accounts.models import User
from mobilize.campaigns.models import Campaign


@pytest.mark.django_db
def test_outside_the_demonstration_no_people_are_loaded(settings, capsys) -> None:
    settings.DEMO = False
    call_command("seed", "--report", verbosity=0)
    out, err = capsys.readouterr()
    assert "no people" in err
    assert json.loads(out.splitlines()[-1]) == {
        "unions": 20,
        "supply_channels": 126,
        **dict.fromkeys(["views", "volunteers", "fleets", "drivers", "teams", "person_trips", "flights"], 0),
    }
    assert Campaign.objects.get().articles.count() == 15
    assert not User.objects.exists()
    call_command("seed", verbosity=0)
    assert "loaded already" in capsys.readouterr().err
