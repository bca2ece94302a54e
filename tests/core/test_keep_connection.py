"""A busy connection is used without being asked first; one that idled is asked, and healed."""

import psycopg
import pytest
from django.db import OperationalError, close_old_connections, connection

from mobilize.core.postgresql.base import TRUSTED_FOR, DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch):
    """The health checks made, on a connection that has just served a request."""
    made = []
    ask = DatabaseWrapper.is_usable
    monkeypatch.setattr(DatabaseWrapper, "is_usable", lambda self: made.append(1) or ask(self))
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    connection.close()
    serve()
    return made


def serve():
    """Do what a request does: look at old connections, work, look again. Returns the backend's process id."""
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    close_old_connections()
    return pid


def kill(pid):
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def idle():
    connection.used_at -= TRUSTED_FOR


def test_a_busy_connection_is_not_asked(asked):
    assert serve() == serve()
    assert asked == []


def test_a_connection_that_idled_is_asked_once_a_request(asked):
    first = serve()
    idle()
    assert serve() == first
    assert asked == [1]


def test_a_connection_that_died_idle_is_healed_and_nobody_notices(asked):
    first = serve()
    kill(first)
    idle()
    assert serve() != first


def test_a_connection_that_died_busy_costs_one_request(asked):
    first = serve()
    kill(first)
    with pytest.raises(OperationalError):
        serve()
    close_old_connections()
    assert serve() != first
