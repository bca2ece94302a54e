"""Who is locked out is out on the very next request, although sessions and tokens cost no query."""

from datetime import timedelta
from threading import Event

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from rest_framework.request import Request

from mobilize.accounts import passwords, services
from mobilize.accounts.backends import people
from mobilize.accounts.models import User
from mobilize.core.copies import Copies
from mobilize.core.rest import BearerAuthentication
from tests import acting
from tests.api.conftest import Api, partner_token
from tests.factories import FleetFactory, PartnerFactory, UserFactory
from tests.frontend.conftest import BACKEND

pytestmark = pytest.mark.django_db
ME, FLEETS = "/api/v1/me/", "/api/v1/fleets/"


@pytest.fixture
def user():
    return User.objects.create_user("13800000001", "correct-horse-battery", name="林静")


@pytest.fixture
def session(user):
    """A browser that is signed in, its person's copy warm."""
    client = Client()
    client.force_login(user, BACKEND)
    assert is_in(client)
    return client


@pytest.fixture
def token(user):
    """A person's token whose copy is warm."""
    headers = acting.bearer(user)
    assert Client().get(ME, headers=headers).status_code == 200
    return headers


@pytest.fixture
def partner():
    return PartnerFactory()


@pytest.fixture
def machine(partner):
    """A partner's client whose token's and application's copies are warm."""
    api = Api({"Authorization": f"Bearer {partner_token(partner).json()['access_token']}"})
    assert api.get("fleets/").status_code == 200
    return api


def is_in(client):
    return client.get(reverse("profile")).status_code == 200


def deactivate(user):
    user.is_active = False
    user.save()


def erase(user):
    with transaction.atomic():
        services.erase(user_id=user.pk)


def remove(user):
    user.delete()


def change_password(user):
    link = passwords._token(user, int(timezone.now().timestamp()))
    passwords.set_password(user_id=user.pk, token=link, password="another-horse-battery", now=timezone.now())


@pytest.mark.parametrize("act", [deactivate, erase, remove, change_password])
def test_an_open_session_ends_at_the_next_request(session, user, act):
    act(user)
    assert not is_in(session)


@pytest.mark.parametrize("act", [deactivate, erase, remove])
def test_a_persons_token_ends_at_the_next_request(client, token, user, act):
    act(user)
    assert client.get(ME, headers=token).status_code == 401


def test_somebody_elses_end_ends_nothing(session, token, client):
    deactivate(UserFactory())
    assert is_in(session)
    assert client.get(ME, headers=token).status_code == 200


def test_a_new_name_and_a_sign_in_end_nothing_and_cost_no_copy(session, user, django_assert_num_queries):
    services.rename(user_id=user.pk, name="林小静")
    user.save(update_fields=["last_login"])
    with django_assert_num_queries(0):
        assert people.get(user.pk)
    assert "林小静" in session.get(reverse("profile")).content.decode()


def test_a_token_that_is_signed_out_opens_nothing_and_her_other_one_still_does(client, user, token):
    other = acting.bearer(user)
    assert client.delete("/api/v1/auth/tokens/", headers=token).status_code == 204
    assert client.get(ME, headers=token).status_code == 401
    assert client.get(ME, headers=other).status_code == 200


def test_a_token_ends_when_its_time_is_over_although_its_copy_is_warm(client, user):
    issued = services.issue_token(user=user, now=timezone.now())
    headers = {"Authorization": f"Bearer {issued.token}"}
    client.get(ME, headers=headers)
    row = get_access_token_model().objects.get(user=user)
    row.expires = timezone.now() - timedelta(seconds=1)
    row.save()
    assert client.get(ME, headers=headers).status_code == 401


def test_a_deleted_applications_tokens_end(partner, machine):
    partner.delete()
    assert machine.get("fleets/").status_code == 401


def fleets_seen(machine):
    return [row["id"] for row in machine.get("fleets/").json()["results"]]


def test_what_an_application_may_no_longer_do_its_tokens_may_not_either(partner, machine):
    fleet = FleetFactory(union=partner.union)
    assert fleets_seen(machine) == [str(fleet.pk)]
    partner.allowed_scopes = "tasks:read"
    partner.save()
    assert fleets_seen(machine) == []


def test_an_application_that_moves_to_another_union_acts_for_that_one_alone(partner, machine):
    FleetFactory(union=partner.union)
    fleet = FleetFactory()
    partner.union = fleet.union
    partner.save()
    assert fleets_seen(machine) == [str(fleet.pk)]


def test_the_cache_holds_neither_tokens_nor_personal_data(session, token, user):
    client = cache._cache.get_client()
    raw = token["Authorization"].split()[1]
    kept = b"".join(key + (client.get(key) or b"") for key in client.keys("*person:*") + client.keys("*token:*"))
    for secret in (raw, str(user.phone), user.name, user.password):
        assert secret.encode() not in kept


def test_a_session_is_known_without_a_query(session, django_assert_num_queries):
    request = session.get(reverse("profile")).wsgi_request
    request.session = SessionStore(request.session.session_key)
    with django_assert_num_queries(0):
        assert get_user(request).is_authenticated


def test_an_api_call_is_let_in_without_a_query(token, machine, django_assert_num_queries):
    with django_assert_num_queries(0):
        for headers in (token, machine.headers):
            request = Request(RequestFactory().get(ME, headers=headers))
            assert BearerAuthentication().authenticate(request)


class Overwriting(Copies):
    """The control: a reader that puts back whatever it read."""

    def get(self, key):
        row = self.read(key)
        cache.set(self.place(key), row, 60)
        return row


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "stays"), [(Copies, False), (Overwriting, True)])
def test_a_slow_reader_never_puts_back_what_was_true_before(user, kind, stays):
    has_read, may_go_on = Event(), Event()

    def slowly(user_id):
        is_active = User.objects.get(pk=user_id).is_active
        has_read.set()
        assert may_go_on.wait(10)
        return is_active

    slow = kind("slow", slowly)
    writer = Copies("slow", lambda user_id: User.objects.get(pk=user_id).is_active)

    def write():
        assert has_read.wait(10)
        User.objects.filter(pk=user.pk).update(is_active=False)
        writer.drop(user.pk)
        may_go_on.set()

    assert acting.at_once([lambda: slow.get(user.pk), write]) == [True, None]
    assert writer.get(user.pk) is stays


@pytest.mark.django_db(transaction=True)
def test_readers_between_the_write_and_its_commit_see_the_old_row_and_keep_no_copy(user):
    written, looked = Event(), Event()
    seen = []

    def write():
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(is_active=False)
            people.drop(user.pk)
            written.set()
            assert looked.wait(10)

    def look():
        assert written.wait(10)
        seen.append(people.get(user.pk) is not None)
        looked.set()

    people.get(user.pk)
    acting.at_once([write, look])
    assert seen == [True]
    assert people.get(user.pk) is None


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_before_its_second_mark_leaves_no_old_copy(user, monkeypatch):
    people.get(user.pk)
    monkeypatch.setattr(transaction, "on_commit", lambda call: None)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        people.drop(user.pk)
    assert people.get(user.pk) is None
