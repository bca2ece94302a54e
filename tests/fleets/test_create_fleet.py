import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.fleets import services
from mobilize.fleets.models import Fleet
from mobilize.fleets.services import DriverLine
from mobilize.fleets.states import FleetStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import DriverFactory, FleetFactory, OfficerFactory, WorkerFactory

pytestmark = pytest.mark.django_db
LINES = [
    DriverLine(name="王师傅", phone="138 0000 0001", plate="晋A·T0001"),
    DriverLine(name="李师傅", phone="+86 13800000002", plate="晋a t0002", seats=0, load_kg=1500, refrigerated=True),
]


def create(officer, **more):
    given = {
        "actor": acting.officer(officer),
        "union_id": officer.union_id,
        "name": "晋泰出租车队",
        "kind": "taxi",
        "leader_name": "赵队长",
        "leader_phone": "１３８００００００００",
        "drivers": LINES,
        "enrol_now": True,
        "now": timezone.now(),
    }
    return services.create_fleet(**(given | more))


def test_a_fleet_joins_as_a_whole_unit():
    fleet = create(OfficerFactory())
    assert fleet.status == FleetStatus.ENROLLED
    assert str(fleet.leader.phone) == "+8613800000000"
    assert list(fleet.drivers.values_list("worker__user__name", "vehicle__plate").order_by("vehicle__plate")) == [
        ("王师傅", "晋AT0001"),
        ("李师傅", "晋AT0002"),
    ]


def test_every_wrong_line_is_named_and_nothing_is_written():
    taken = DriverFactory(vehicle__plate="晋A99999", worker__user__phone="+8613800000009", worker__user__name="甲")
    lines = [
        DriverLine(name="", phone="12", plate="晋A1", seats=99),
        DriverLine(name="甲", phone="13800000009", plate="晋A99999"),
        DriverLine(name="乙", phone="13800000005", plate="晋A55555"),
        DriverLine(name="丙", phone="138-0000-0005", plate="晋A 55555"),
    ]
    with pytest.raises(Invalid) as refused:
        create(OfficerFactory(), drivers=lines, name=" ", kind="boat")
    assert refused.value.fields == {
        "name": ["required"],
        "kind": ["unknown_choice"],
        "drivers.0.name": ["required"],
        "drivers.0.phone": ["bad_phone"],
        "drivers.0.plate": ["bad_plate"],
        "drivers.0.seats": ["bad_seats"],
        "drivers.1.phone": ["drives_elsewhere"],
        "drivers.1.plate": ["plate_taken"],
        "drivers.3.phone": ["twice_in_the_list"],
        "drivers.3.plate": ["twice_in_the_list"],
    }
    assert list(Fleet.objects.all()) == [taken.fleet]


def test_a_person_who_is_there_already_keeps_her_union():
    known = WorkerFactory(user__phone="+8613800000001", user__name="王师傅")
    fleet = create(OfficerFactory())
    assert known.union_id != fleet.union_id
    assert known.drivings.get().vehicle.plate == "晋AT0001"


def test_a_number_never_tells_whose_it_is():
    WorkerFactory(user__phone="+8613800000001", user__name="王建国")
    WorkerFactory(user__phone="+8613800000000", user__name="钱七")
    with pytest.raises(Invalid) as refused:
        create(OfficerFactory())
    assert refused.value.fields == {"drivers.0.name": ["name_differs"], "leader_name": ["name_differs"]}


def test_a_fleet_without_drivers_cannot_be_enrolled():
    officer = OfficerFactory()
    fleet = create(officer, drivers=[], enrol_now=False)
    with pytest.raises(Conflict) as refused:
        services.enrol(actor=acting.officer(officer), fleet_id=fleet.pk, now=timezone.now())
    assert refused.value.code == "fleet_without_drivers"


def test_a_suspended_fleet_can_be_enrolled_again():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=1)
    actor = acting.officer(officer)
    services.suspend(actor=actor, fleet_id=fleet.pk, now=timezone.now())
    assert services.enrol(actor=actor, fleet_id=fleet.pk, now=timezone.now()).status == FleetStatus.ENROLLED


def test_a_viewer_may_not_and_another_branch_is_not_found():
    with pytest.raises(Forbidden):
        create(OfficerFactory(role=Role.VIEWER))
    stranger = OfficerFactory()
    with pytest.raises(NotFound):
        create(stranger, union_id=OfficerFactory().union_id)


def test_the_lines_cost_the_same_number_of_queries_however_many(django_assert_max_num_queries):
    officer = OfficerFactory()
    lines = [DriverLine(name="师傅", phone=f"1370000{n:04d}", plate=f"晋A{n:05d}") for n in range(200)]
    with django_assert_max_num_queries(45):
        fleet = create(officer, drivers=lines)
    assert fleet.drivers.count() == 200
