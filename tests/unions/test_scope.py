import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER, Actor
from mobilize.core.errors import Forbidden, NotFound, Unauthenticated
from mobilize.fleets import policies as fleets
from mobilize.tasks import policies as tasks
from mobilize.unions import policies
from mobilize.unions.states import Level, Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UnionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    root = UnionFactory(name="市总工会")
    districts = [UnionFactory(parent=root, level=Level.DISTRICT, name=name) for name in ("甲区", "乙区")]
    return root, *districts, UnionFactory(parent=districts[0], level=Level.GRASSROOTS, name="甲区一厂")


def test_an_officer_sees_her_node_and_all_below_it_and_nothing_else(city):
    _, first, _, factory = city
    officer = acting.officer(OfficerFactory(union=first))
    assert set(policies.branch(officer, at_least=Role.VIEWER)) == {first.pk, factory.pk}
    seen = [TransportFactory(union=union) for union in city]
    assert set(tasks.visible_to(officer)) == {seen[1], seen[3]}
    assert [row.depth for row in policies.visible_tree(officer)] == [0, 1]
    assert set(fleets.visible_to(officer)) == set(fleets.visible_to(officer).filter(union__in=[first, factory]))


def test_a_role_covers_the_weaker_ones_and_not_the_stronger(city):
    root, first, _, factory = city
    officer = acting.officer(OfficerFactory(union=first, role=Role.DISPATCHER))
    policies.demand(officer, union_id=factory.pk, at_least=Role.DISPATCHER)
    with pytest.raises(Forbidden) as refused:
        policies.demand(officer, union_id=factory.pk, at_least=Role.ADMIN)
    assert refused.value.code == "role_too_weak"
    with pytest.raises(NotFound):
        policies.demand(officer, union_id=root.pk, at_least=Role.VIEWER)


def test_without_the_second_factor_an_officer_has_no_officer_rights(city):
    held = OfficerFactory(union=city[0], role=Role.ADMIN)
    assert policies.branch(acting.worker(held.user), at_least=Role.VIEWER) == []


def test_a_partner_acts_for_its_union_within_its_scopes(city):
    _, first, second, factory = city
    partner = Actor(client_id="hospital", union_id=first.pk, scopes=frozenset({"tasks:read", "tasks:write"}))
    tasks.demand_change(partner, union_id=factory.pk)
    with pytest.raises(NotFound):
        tasks.demand_change(partner, union_id=second.pk)
    with pytest.raises(NotFound):
        fleets.demand_change(partner, union_id=first.pk)


def test_a_stranger_is_asked_to_sign_in(city):
    with pytest.raises(Unauthenticated):
        policies.demand(STRANGER, union_id=city[0].pk, at_least=Role.VIEWER)
    with pytest.raises(Unauthenticated):
        policies.demand_officer(STRANGER)


def test_an_officer_of_a_weaker_role_is_told_so(city):
    viewer = acting.officer(OfficerFactory(union=city[1], role=Role.VIEWER))
    with pytest.raises(Forbidden) as refused:
        policies.visible_tree(viewer, at_least=Role.ADMIN)
    assert refused.value.code == "role_too_weak"


def test_a_leader_sees_her_own_fleet_and_no_other(city):
    fleet, _ = FleetFactory(union=city[1]), FleetFactory(union=city[1])
    assert list(fleets.visible_to(acting.worker(fleet.leader))) == [fleet]


def test_a_fleet_led_by_a_person_of_another_branch_stays_invisible_to_its_officers(city):
    _, first, second, _ = city
    fleet = FleetFactory(union=first, enrolled_at=timezone.now())
    assert fleet not in fleets.visible_to(acting.officer(OfficerFactory(union=second)))
