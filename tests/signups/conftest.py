import pytest

from mobilize.core.actor import Actor
from tests.factories import PartnerFactory


@pytest.fixture
def partner_actor(db):
    """A partner's machine with every scope."""
    partner = PartnerFactory()
    return Actor(
        client_id=partner.client_id, union_id=partner.union_id, scopes=frozenset(partner.allowed_scopes.split())
    )
