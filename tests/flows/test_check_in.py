"""On the spot in the browser: scanned without network, sent once with its own time; codes that a camera can read."""

from datetime import timedelta

import numpy as np
import pytest
import zxingcpp
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.attendance import codes
from mobilize.attendance.models import CheckIn
from tests.factories import ShiftFactory, SignupFactory, TeamFactory, WorkerFactory
from tests.flows.conftest import press
from tests.frontend.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IN_THE_PHONE = """() => new Promise(done => { indexedDB.open('post').onsuccess = ({ target: { result } }) => {
  result.transaction('scans').objectStore('scans').getAll().onsuccess = ({ target }) => done(target.result); }; })"""
# What a camera sees of the code on the screen: its pixels, one byte each.
SEEN = """async () => {
  const svg = document.querySelector('svg.qr'), side = 400;
  const picture = new Image(side, side);
  picture.src = 'data:image/svg+xml,' + encodeURIComponent(new XMLSerializer().serializeToString(svg));
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side }).getContext('2d');
  canvas.fillStyle = 'white';
  canvas.fillRect(0, 0, side, side);
  canvas.drawImage(picture, 0, 0, side, side);
  return [...canvas.getImageData(0, 0, side, side).data].filter((_, n) => n % 4 === 0);
}"""


@pytest.fixture
def shift():
    team = TeamFactory(leader=WorkerFactory())
    return ShiftFactory(starts_at=timezone.now() - timedelta(minutes=5), places=20, post__team=team)


@pytest.fixture
def signed_in(open_context, live_server, client):
    """Return a function that opens a phone with somebody signed in."""

    def _signed_in(worker, **options):
        client.force_login(worker.user, BACKEND)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context = open_context(has_touch=True, is_mobile=True, **options)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    return _signed_in


def scan(page, signup):
    page.get_by_label("六位数字").fill(codes.short_of_signup(signup.pk))
    press(page, "记上")


def test_three_scans_without_network_arrive_once_each_with_their_own_times(signed_in, shift, seen):
    signups = [SignupFactory(shift=shift) for _ in range(3)]
    page = signed_in(shift.post.team.leader)
    page.goto(f"/shifts/{shift.pk}/attendance/scan/")
    page.wait_for_selector("html[data-kept]")
    page.context.set_offline(True)
    for n, signup in enumerate(signups, 1):
        scan(page, signup)
        expect(page.locator("#waiting")).to_have_text(f"待上传 {n}")
    seen(page, "9-scan-offline")
    assert not CheckIn.objects.exists()
    page.reload()
    expect(page.locator("#waiting")).to_have_text("待上传 3")
    kept = page.evaluate(IN_THE_PHONE)

    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#waiting")).to_be_hidden()
    for signup in signups:
        expect(page.locator("#scans")).to_contain_text(f"{signup.worker.user.name}已记录")
    seen(page, "9-scan-sent")
    noted = {one.worker_id: one for one in CheckIn.objects.all()}
    times = {one["shown"]: one["at"] for one in kept}
    assert len(noted) == 3
    for signup in signups:
        checkin = noted[signup.worker_id]
        assert checkin.arrived_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" == times[codes.short_of_signup(signup.pk)]
        assert checkin.arrived_heard_at > checkin.arrived_at
    assert page.evaluate(IN_THE_PHONE) == []


def test_scans_wait_with_who_made_them_and_my_duties_sends_them_too(signed_in, live_server, client, shift):
    signup = SignupFactory(shift=shift)
    leader = shift.post.team.leader
    page = signed_in(leader)
    page.goto(f"/shifts/{shift.pk}/attendance/scan/")
    page.route("**/attendance/scans/", lambda route: route.abort())
    scan(page, signup)
    expect(page.locator("#waiting")).to_have_text("待上传 1")
    page.goto("/accounts/logout/")
    expect(page.get_by_text("本机还有待上传的扫码： 1")).to_be_visible()
    page.goto("about:blank")  # or this page, still hers, sends it as soon as it may
    page.unroute("**/attendance/scans/")

    def be(worker):
        client.force_login(worker.user, BACKEND)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto("/me/")

    other = WorkerFactory()
    TeamFactory(leader=other).posts.add(shift.post)  # who keeps the list of this shift now
    be(other)
    expect(page.locator("[data-unsent]")).to_be_hidden()
    assert len(page.evaluate(IN_THE_PHONE)) == 1
    assert not CheckIn.objects.exists()

    TeamFactory(leader=leader).posts.add(shift.post)
    with page.expect_response("**/attendance/scans/"):
        be(leader)
    assert CheckIn.objects.get().arrived_by == leader.user


def test_a_code_that_is_none_of_ours_keeps_no_other_scan_waiting(signed_in, shift):
    signup = SignupFactory(shift=shift)
    page = signed_in(shift.post.team.leader)
    page.goto(f"/shifts/{shift.pk}/attendance/scan/")
    scan(page, SignupFactory())  # of another shift
    scan(page, signup)
    expect(page.locator("#scans")).to_contain_text(f"{signup.worker.user.name}已记录")
    expect(page.locator("#waiting")).to_be_hidden()
    assert CheckIn.objects.count() == 1


def test_an_answer_that_is_lost_on_its_way_counts_nobody_twice(signed_in, shift):
    signup = SignupFactory(shift=shift)
    page = signed_in(shift.post.team.leader)
    page.goto(f"/shifts/{shift.pk}/attendance/scan/")

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/attendance/scans/", lose, times=1)
    with page.expect_event("requestfailed"):
        scan(page, signup)
    expect(page.locator("#waiting")).to_have_text("待上传 1")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#scans")).to_contain_text("只算一次")
    assert CheckIn.objects.count() == 1


def test_a_code_at_the_post_is_read_by_a_camera_and_one_tap_notes_her(signed_in, shift, seen, live_server):
    signup = SignupFactory(shift=shift)
    leader = signed_in(shift.post.team.leader)
    leader.goto(f"/shifts/{shift.pk}/attendance/code/")
    [code] = zxingcpp.read_barcodes(np.array(leader.evaluate(SEEN), dtype=np.uint8).reshape(400, 400))
    seen(leader, "9-post-code")
    phone = signed_in(signup.worker)
    phone.goto(code.text.replace(settings.PUBLIC_URL, live_server.url))
    seen(phone, "9-here")
    press(phone, "我到了")
    expect(phone.get_by_role("heading", name="您已到岗")).to_be_visible()
    press(phone, "我走了")
    expect(phone.get_by_role("heading", name="现在就离开吗")).to_be_visible()
    press(phone, "我走了")
    expect(phone.get_by_role("heading", name="您的服务已记录")).to_be_visible()


def test_who_likes_says_how_far_she_is_and_only_the_distance_is_kept(signed_in, shift):
    site = shift.post.site
    where = {"latitude": float(site.latitude) + 0.01, "longitude": float(site.longitude)}
    signups = [SignupFactory(shift=shift) for _ in range(2)]
    for signup, ticks in zip(signups, (True, False), strict=True):
        phone = signed_in(signup.worker, geolocation=where, permissions=["geolocation"])
        phone.goto(f"/shifts/{shift.pk}/here/")
        if ticks:
            phone.get_by_label("附上我离岗位多远").check()
        press(phone, "我到了")
        expect(phone.get_by_role("heading", name="您已到岗")).to_be_visible()
    assert [CheckIn.objects.get(worker=signup.worker).distance_m for signup in signups] == [1100, None]


def test_who_will_not_be_found_arrives_without(signed_in, shift):
    phone = signed_in(SignupFactory(shift=shift).worker)  # which does not permit it
    phone.goto(f"/shifts/{shift.pk}/here/")
    phone.get_by_label("附上我离岗位多远").check()
    press(phone, "我到了")
    expect(phone.get_by_role("heading", name="您已到岗")).to_be_visible()
    assert CheckIn.objects.get().distance_m is None


def test_ones_own_code_opens_without_network(signed_in, shift):
    signup = SignupFactory(shift=shift)
    phone = signed_in(signup.worker)
    phone.goto(f"/shifts/{shift.pk}/here/")
    phone.wait_for_selector("html[data-kept]")
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_text(codes.short_of_signup(signup.pk))).to_be_visible()


def test_it_works_without_javascript(signed_in, shift):
    signup = SignupFactory(shift=shift)
    page = signed_in(shift.post.team.leader, java_script_enabled=False)
    page.goto(f"/shifts/{shift.pk}/attendance/")
    page.get_by_label("六位数字").fill(codes.short_of_signup(signup.pk))
    page.locator("form.panel").get_by_role("button", name="到了").click()
    expect(page.get_by_role("status")).to_contain_text(signup.worker.user.name)
    page.locator(f"#p-{signup.worker_id}").get_by_role("button", name="走了").click()
    expect(page.locator(f"#p-{signup.worker_id}")).to_contain_text("已完成")
