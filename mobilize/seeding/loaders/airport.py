"""The airport job: one record for each flight met."""

from mobilize.attendance.models import ServiceRecord
from mobilize.attendance.states import Source
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.seeding.moments import at, days
from mobilize.seeding.names import MAKER
from mobilize.tasks.models import Site, Task
from mobilize.tasks.states import SiteKind, TaskKind, TaskStatus


def load() -> None:
    """Write the closed task and its service records."""
    data = read("airport")
    union = union_ids()[data["union"]]
    task = Task.objects.create(
        campaign=the_campaign(),
        union_id=union,
        kind=TaskKind.DUTY,
        title=data["zh"],
        status=TaskStatus.CLOSED,
        site=Site.objects.get(kind=SiteKind.AIRPORT),
        starts_at=at(days()[0], 7),
        ends_at=at(days()[-1], 22),
        created_by_client=MAKER,
        created_at=at(days()[0], 6),
    )
    ServiceRecord.objects.bulk_create(
        ServiceRecord(
            union_id=union,
            task=task,
            day=flight["day"],
            services=flight["person_trips"],
            person_trips=flight["person_trips"],
            second_transfers=flight["second_transfers"],
            incidents=flight["incidents"],
            flights=1,
            source=Source.REPORT,
            source_key=f"report:{task.pk}:{number}",
            note=flight["label"],
            created_at=at(flight["day"], flight["hour"]),
        )
        for number, flight in enumerate(data["flights"], start=1)
    )
