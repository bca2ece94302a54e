from base64 import b64encode

import pytest
from django.test import Client

from tests.factories import PartnerFactory


class Api:
    """A JSON client with a bearer token."""

    def __init__(self, headers=None):
        self.client, self.headers = Client(), headers or {}

    def get(self, path, **params):
        return self.client.get(f"/api/v1/{path}", params, headers=self.headers)

    def post(self, path, body=None, *, key=""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)

    def patch(self, path, body):
        return self.client.patch(f"/api/v1/{path}", body, content_type="application/json", headers=self.headers)

    def delete(self, path):
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)


def partner_token(partner, secret="partner-secret", **more):
    basic = b64encode(f"{partner.client_id}:{secret}".encode()).decode()
    return Client().post(
        "/api/v1/oauth/token/",
        {"grant_type": "client_credentials"} | more,
        headers={"Authorization": f"Basic {basic}"},
    )


@pytest.fixture
def partner(db):
    return PartnerFactory()


@pytest.fixture
def partner_api(partner):
    return Api({"Authorization": f"Bearer {partner_token(partner).json()['access_token']}"})
