"""What a calendar reads: each duty once, as it stands, in the city's zone, and nobody's number."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from mobilize.calendars import feeds, queries
from mobilize.calendars.ical import Event, write
from mobilize.core.errors import NotFound
from mobilize.dispatch import services as dispatch
from mobilize.dispatch import trips
from mobilize.dispatch.models import Trip
from mobilize.reminders.models import RuleChange
from mobilize.signups import endings, services, swaps, waiting
from mobilize.tasks import services as tasks
from tests import acting
from tests.calendars.reading import events, made, read, standing, token_of
from tests.factories import (
    FleetFactory,
    OfficerFactory,
    PostFactory,
    ShiftFactory,
    SignupFactory,
    TeamFactory,
    TransportFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
CITY = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def worker():
    return WorkerFactory()


@pytest.fixture
def officer():
    return OfficerFactory()


def driven(officer, *, starts_at=None):
    """A trip of a driver, accepted by her fleet's leader."""
    begins = starts_at or timezone.now() + DAY
    task = TransportFactory(union=officer.union, starts_at=begins, ends_at=begins + 2 * HOUR)
    fleet = FleetFactory(union=officer.union, drivers=1)
    (offer,) = dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    dispatch.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=1, now=timezone.now())
    return Trip.objects.select_related("driver__worker__user", "vehicle").get()


def test_a_confirmed_duty_says_when_where_and_what_to_bring(worker):
    team = TeamFactory(leader=WorkerFactory(user__name="李英"), name="卡口专班")
    shift = ShiftFactory(
        post__team=team, post__note="请走东门", task__description="每班两人", post__site__name="北沙河社区"
    )
    signup = join(shift, worker)
    [event] = events(made(worker.user)).values()
    assert (str(event["UID"]), *standing(event)) == (str(signup.pk), "CONFIRMED", 1)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        shift.starts_at.replace(microsecond=0),
        shift.ends_at.replace(microsecond=0),
    )
    assert str(event["SUMMARY"]) == "秩序维护 · 北沙河社区"
    assert str(event["LOCATION"]) == "北沙河社区, 迎泽大街1号"
    assert event["GEO"].to_ical() == "37.87;112.55"
    assert event["URL"].endswith(f"/signups/{signup.pk}/")
    said = str(event["DESCRIPTION"])
    for words in ("请提前十分钟", "请走东门", "每班两人", "带队人李英", signup.reference):
        assert words in said
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == signup.created_at.replace(microsecond=0)


def test_nobodys_number_stands_in_any_calendar(officer, worker):
    team = TeamFactory(leader=WorkerFactory())
    signup = SignupFactory(worker=worker, shift__post__team=team, shift__task__campaign__hotline="0351-12345")
    trip = driven(officer)
    for feed in (made(worker.user), made(team.leader.user, team), made(trip.driver.worker.user)):
        text = feeds.read(token=token_of(feed), now=timezone.now()).content.decode().replace("\r\n ", "")
        for person in (worker.user, team.leader.user, trip.driver.worker.user):
            assert str(person.phone)[3:] not in text
    [event] = events(made(worker.user)).values()
    assert "0351-12345" in event["DESCRIPTION"]
    assert signup.worker.user.name not in str(read(made(team.leader.user, team)).to_ical().decode())


def test_only_ones_own_duties_stand_in_it(worker):
    SignupFactory()
    assert events(made(worker.user)) == {}
    mine = SignupFactory(worker=worker)
    SignupFactory(shift=mine.shift)
    assert set(events(made(worker.user))) == {str(mine.pk)}


def test_waiting_and_an_offered_place_are_tentative_and_ring_no_alarm(worker):
    shift = ShiftFactory(places=1)
    holder, signup = join(shift, WorkerFactory()), join(shift, worker)
    feed = made(worker.user)
    [event] = events(feed).values()
    assert standing(event) == ("TENTATIVE", 0)
    assert (str(event["SUMMARY"])[:3], event.alarms.times) == ("候补：", [])
    services.withdraw(actor=acting.worker(holder.worker.user), signup_id=holder.pk, now=timezone.now())
    [event] = events(feed).values()
    assert (*standing(event), str(event["SUMMARY"])[:4]) == ("TENTATIVE", 0, "待答复：")
    assert "请勿" in event["DESCRIPTION"] or "不要" in event["DESCRIPTION"]
    now = timezone.now()
    waiting.accept(actor=acting.worker(worker.user), signup_id=signup.pk, now=now)
    [event] = events(feed).values()
    assert (*standing(event), event["LAST-MODIFIED"].dt) == ("CONFIRMED", 1, now.replace(microsecond=0))


def test_a_place_given_back_is_called_off_for_30_days_and_a_new_sign_up_is_another_event(worker):
    shift = ShiftFactory(starts_at=timezone.now() + 60 * DAY)
    signup = join(shift, worker)
    feed, now = made(worker.user), timezone.now()
    services.withdraw(actor=acting.worker(worker.user), signup_id=signup.pk, now=now)
    again = join(shift, worker)
    found = events(feed, now + 29 * DAY)
    assert standing(found[str(signup.pk)]) == ("CANCELLED", 2)
    assert str(found[str(signup.pk)]["SUMMARY"]).startswith("已取消：")
    assert standing(found[str(again.pk)]) == ("CONFIRMED", 1)
    assert set(events(feed, now + 31 * DAY)) == {str(again.pk)}


def test_a_duty_somebody_takes_over_leaves_one_calendar_and_comes_into_the_other(worker):
    signup, taker = join(ShiftFactory(), worker), WorkerFactory()
    mine, hers, now = made(worker.user), made(taker.user), timezone.now()
    swaps.look_for_somebody(actor=acting.worker(worker.user), signup_id=signup.pk, now=now)
    assert standing(events(mine)[str(signup.pk)]) == ("CONFIRMED", 1)
    taken = swaps.take_over(actor=acting.worker(taker.user), signup_id=signup.pk, now=now, accepts_covenant=True)
    assert standing(events(mine)[str(signup.pk)]) == ("CANCELLED", 2)
    assert [*events(hers)] == [str(taken.pk)]


@pytest.mark.parametrize("what", ["shift", "task"])
def test_what_the_organisers_call_off_is_called_off_for_worker_and_team(officer, worker, what):
    team = TeamFactory(leader=WorkerFactory())
    shift = ShiftFactory(task__union=officer.union, post__team=team)
    over = ShiftFactory(task=shift.task, post=shift.post, starts_at=timezone.now() - 5 * HOUR)
    signup = join(shift, worker)
    own, shared = made(worker.user), made(team.leader.user, team)
    now, actor = timezone.now(), acting.officer(officer)
    if what == "shift":
        endings.call_off_shift(actor=actor, shift_id=shift.pk, now=now)
    else:
        tasks.cancel(actor=actor, task_id=shift.task_id, now=now)
        acting.run_outbox()
    assert standing(events(own)[str(signup.pk)]) == ("CANCELLED", 2)
    found = events(shared)
    assert standing(found[str(shift.pk)]) == ("CANCELLED", 2)
    assert standing(found[str(over.pk)]) == ("CONFIRMED", 1)  # it had begun


def test_served_and_missed_duties_stay_for_30_days(worker):
    now = timezone.now()
    rows = [
        SignupFactory(worker=worker, shift__starts_at=now - days * DAY, status=status)
        for days, status in ((3, "attended"), (29, "no_show"), (31, "attended"))
    ]
    found = events(made(worker.user))
    assert set(found) == {str(rows[0].pk), str(rows[1].pk)}
    assert {standing(event) for event in found.values()} == {("CONFIRMED", 1)}


def test_times_are_the_citys_across_midnight_and_a_description_of_the_zone_comes_along(worker):
    starts_at = datetime(2031, 3, 9, 15, 30, tzinfo=ZoneInfo("UTC"))  # half past eleven at night in the city
    SignupFactory(worker=worker, shift__starts_at=starts_at)
    feed = made(worker.user)
    text = feeds.read(token=token_of(feed), now=starts_at - DAY).content.decode()
    assert "DTSTART;TZID=Asia/Shanghai:20310309T233000" in text
    assert "DTEND;TZID=Asia/Shanghai:20310310T053000" in text
    calendar = read(feed, starts_at - DAY)
    [zone] = calendar.timezones
    assert zone.to_tz().utcoffset(starts_at.replace(tzinfo=None)) == 8 * HOUR
    [event] = calendar.events
    assert (event.start, event.end) == (starts_at, starts_at + 6 * HOUR)
    assert event.start.astimezone(CITY).day != event.end.astimezone(CITY).day


def test_another_citys_summer_time_keeps_its_instants():
    berlin = ZoneInfo("Europe/Berlin")
    starts_at = datetime(2031, 3, 29, 23, 0, tzinfo=berlin)  # two hours later its clocks go forward
    event = Event(
        uid="1", sequence=0, status="CONFIRMED", starts_at=starts_at, ends_at=starts_at.astimezone(UTC) + 6 * HOUR,
        changed_at=starts_at, summary="值守", location="门口", description="", url="https://example.org/",
        position=(37.87, 112.55),
    )  # fmt: skip
    calendar = Calendar.from_ical(write([event], name="日历", zone="Europe/Berlin"))
    [zone], [found] = calendar.timezones, calendar.events
    assert found["DTEND"].to_ical() == b"20310330T060000"
    assert found.end - found.start.astimezone(UTC) == 6 * HOUR
    assert [zone.to_tz().utcoffset(datetime(2031, month, 1)) for month in (1, 7)] == [HOUR, 2 * HOUR]  # noqa: DTZ001


def test_alarms_ring_when_people_are_reminded(worker):
    starts_at = datetime(2031, 3, 9, 6, 0, tzinfo=CITY)
    SignupFactory(worker=worker, shift__starts_at=starts_at)
    feed = made(worker.user)

    def rings():
        [event] = events(feed, starts_at - DAY).values()
        return {alarm.trigger.astimezone(CITY) for alarm in event.alarms.times}

    assert rings() == {datetime(2031, 3, 8, 19, 0, tzinfo=CITY), datetime(2031, 3, 9, 5, 0, tzinfo=CITY)}
    RuleChange.objects.create(kind="evening_before", enabled=False, changed_at=timezone.now())
    RuleChange.objects.create(kind="hour_before", minutes=90, changed_at=timezone.now())
    assert rings() == {datetime(2031, 3, 9, 4, 30, tzinfo=CITY)}


def test_a_drivers_trips_stand_in_it_and_one_broken_off_is_called_off(officer):
    trip = driven(officer)
    feed = made(trip.driver.worker.user)
    [event] = events(feed).values()
    assert (str(event["UID"]), *standing(event)) == (str(trip.pk), "CONFIRMED", 1)
    assert trip.vehicle.plate in event["SUMMARY"]
    assert len(event.alarms.times) == 2
    trips.abort(actor=acting.officer(officer), trip_id=trip.pk, why="车坏了", now=timezone.now())
    assert standing(events(feed)[str(trip.pk)]) == ("CANCELLED", 2)
    assert events(made(WorkerFactory().user)) == {}


def test_a_team_sees_its_posts_shifts_without_drafts_and_without_alarms():
    team = TeamFactory(leader=WorkerFactory())
    post = PostFactory(team=team)
    shown = ShiftFactory(post=post)
    ShiftFactory(post=post, task__status="draft", starts_at=shown.ends_at)
    ShiftFactory(starts_at=shown.starts_at)
    ShiftFactory(post=post, starts_at=timezone.now() - 3 * DAY)
    [event] = events(made(team.leader.user, team)).values()
    assert (str(event["UID"]), event.alarms.times) == (str(shown.pk), [])
    assert str(read(made(team.leader.user, team))["X-WR-CALNAME"]) == team.name


ODD = [
    "逗号,分号;反斜杠\\ \\n",
    "第一行\n第二行\r\n第三行",
    "带表情😷👩‍🚒🇨🇳",
    "很长的中文说明" * 40,
    "BEGIN:VALARM\nEND:VEVENT\nSUMMARY:假的",
    '引号"冒号:等号=\tTab',
    "控制\x07符\x0b号\x1b",
]


@pytest.mark.parametrize("text", ODD)
def test_whatever_is_typed_comes_back_as_text_in_lines_of_75_octets(worker, text):
    name = text.replace("\r", "").replace("\n", " ")[:100]
    SignupFactory(worker=worker, shift__task__description=text, shift__post__site__name=name)
    raw = feeds.read(token=token_of(made(worker.user)), now=timezone.now()).content
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() and b"\n" not in line and b"\r" not in line for line in lines[:-1])  # no sign cut in two
    [event] = events(made(worker.user)).values()
    clean = "".join(sign for sign in text if sign not in "\r\x07\x0b\x1b")
    assert clean in str(event["DESCRIPTION"])
    assert str(event["SUMMARY"]).endswith("".join(sign for sign in name if sign not in "\x07\x0b\x1b"))
    assert len(event.alarms.times) == 2  # what looks like one is text


def test_the_same_duties_give_the_same_bytes_and_ask_to_be_read_hourly(worker):
    SignupFactory(worker=worker)
    token, now = token_of(made(worker.user)), timezone.now()
    first = feeds.read(token=token, now=now)
    assert first.content == feeds.read(token=token, now=now + HOUR).content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in first.content
    assert b"X-PUBLISHED-TTL:PT1H" in first.content


def test_it_speaks_its_persons_language(worker):
    SignupFactory(worker=worker, shift__post__site__name_en="North Gate")
    worker.user.language = "en"
    worker.user.save()
    [event] = events(made(worker.user)).values()
    assert str(event["SUMMARY"]) == "order keeping · North Gate"


def test_more_duties_cost_no_more_queries_and_there_is_an_end_to_them(worker, officer, monkeypatch):
    now = timezone.now()
    team = TeamFactory(leader=worker)
    post = PostFactory(team=team)
    own, shared = token_of(made(worker.user)), token_of(made(worker.user, team))

    def cost(token):
        with CaptureQueriesContext(connection) as asked:
            feeds.read(token=token, now=now)
        return len(asked)

    counts = []
    for round_ in range(2):
        for n in range(4):
            shift = ShiftFactory(post=post, starts_at=now + (10 * round_ + n + 1) * DAY)
            SignupFactory(worker=worker, shift=shift)
        counts.append((cost(own), cost(shared)))
    assert counts == [(4, 2), (4, 2)]
    monkeypatch.setattr(queries, "MOST_EVENTS", 3)
    monkeypatch.setattr(feeds, "MOST_EVENTS", 3)
    assert [len(read(feed, now).events) for feed in (made(worker.user), made(worker.user, team))] == [3, 3]


def test_one_duty_is_a_file_for_its_person_alone(worker):
    signup = SignupFactory(worker=worker)
    file = feeds.of_duty(actor=acting.worker(worker.user), signup_id=signup.pk)
    assert file.content.count(b"BEGIN:VEVENT") == 1
    assert file.name == f"duty-{signup.reference}.ics"
    for stranger in (acting.worker(WorkerFactory().user), acting.officer(OfficerFactory())):
        with pytest.raises(NotFound):
            feeds.of_duty(actor=stranger, signup_id=signup.pk)
