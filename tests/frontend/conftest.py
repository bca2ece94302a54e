import time

import pytest
from allauth.account.internal.flows import login
from allauth.account.internal.userkit import user_id_to_str

from mobilize.unions.states import Role
from tests.factories import OfficerFactory, WorkerFactory

BACKEND = "mobilize.accounts.backends.PhoneBackend"


@pytest.fixture
def worker(db):
    return WorkerFactory()


@pytest.fixture
def phone(client, worker):
    """A client signed in by phone code."""
    client.force_login(worker.user, BACKEND)
    return client


@pytest.fixture
def officer(db):
    return OfficerFactory()


@pytest.fixture
def desk(client, officer):
    """A client whose session has shown password and second factor."""
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    return client


@pytest.fixture
def admin(client, officer):
    """A client of an officer of role administrator at the desk."""
    officer.role = Role.ADMIN
    officer.save()
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    return client


def show(client, user, *methods, minutes_ago=0):
    """Let a session remember how its person signed in, as allauth notes it."""
    session = client.session
    at = time.time() - 60 * minutes_ago
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at} for method in methods]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()


def htmx(target):
    """The headers of an htmx request for one part of a page."""
    return {"HX-Request": "true", "HX-Target": target}
