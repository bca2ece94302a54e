from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from mobilize.seeding import services


@pytest.fixture(scope="session")
def loaded_at() -> datetime:
    return datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker, loaded_at: datetime) -> Iterator[None]:
    """The whole city, loaded once for a module's tests and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        assert services.load(now=loaded_at, progress=iter)
        yield
        transaction.set_rollback(True)
