"""A statement that is planned once per connection behaves as any other one of Django's."""

from uuid import UUID

import pytest
from django.db import DataError, connection, transaction

from mobilize.unions.models import Union
from tests.factories import UnionFactory

SQL = "SELECT %(id)s::uuid, %(n)s::int + 1 WHERE %(n)s::int > 0"
ID = UUID("00000000-0000-7000-8000-000000000001")
RENAME = "UPDATE unions_union SET name = %(name)s WHERE id = %(id)s RETURNING name"

pytestmark = pytest.mark.django_db(transaction=True)


def planned():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'mobilize%%'", [])
        return cursor.fetchone()[0]


def test_it_gives_its_first_row_or_none():
    assert connection.prepared(SQL, {"id": ID, "n": 2}) == (ID, 3)
    assert connection.prepared(SQL, {"n": 0, "id": ID}) is None


def test_it_is_planned_once_and_anew_on_a_new_connection():
    connection.close()
    for _ in range(3):
        connection.prepared(SQL, {"id": ID, "n": 2})
    assert planned() == 1
    connection.close()
    assert connection.prepared(SQL, {"id": ID, "n": 2}) == (ID, 3)


def test_its_errors_are_djangos_and_the_connection_goes_on():
    with pytest.raises(DataError):
        connection.prepared("SELECT 1 / %(n)s::int", {"n": 0})
    assert connection.prepared(SQL, {"id": ID, "n": 2}) == (ID, 3)


def test_a_failure_inside_a_transaction_leaves_it_usable():
    with transaction.atomic():
        with pytest.raises(DataError):
            connection.prepared("SELECT 1 / %(n)s::int", {"n": 0})
        UnionFactory(code="later")
    assert Union.objects.filter(code="later").exists()


def test_inside_a_transaction_it_is_undone_with_it():
    union = UnionFactory(name="before")
    with transaction.atomic():
        assert connection.prepared(RENAME, {"name": "after", "id": union.pk}) == ("after",)
        transaction.set_rollback(True)
    union.refresh_from_db()
    assert union.name == "before"


def test_by_itself_it_stays():
    union = UnionFactory(name="before")
    connection.prepared(RENAME, {"name": "after", "id": union.pk})
    connection.close()
    union.refresh_from_db()
    assert union.name == "after"
