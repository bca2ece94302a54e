"""The API answers as its OpenAPI description says, whatever it is asked."""

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mobilize.accounts.services import issue_token
from tests.factories import OfficerFactory, ShiftFactory, TransportFactory

# What the domain refuses beyond a schema's words (a number nobody has, a start after the end) is a 422, rightly:
# `positive_data_acceptance` is left out.
pytestmark = pytest.mark.django_db(transaction=True)
# They would close the account and the token that the other requests use.
LEFT_OUT = {("DELETE", "/api/v1/me/"), ("DELETE", "/api/v1/auth/tokens/")}


def test_no_request_breaks_the_server_or_its_promise(server):
    officer = OfficerFactory()
    TransportFactory(union=officer.union)
    ShiftFactory()
    token = issue_token(user=officer.user, now=timezone.now(), second_factor=True).token
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{server}/api/v1/schema/?format=json")
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in LEFT_OUT:
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def probe(case):
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, excluded_checks=[positive_data_acceptance]
            )

        probe()
