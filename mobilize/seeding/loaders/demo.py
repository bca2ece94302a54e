"""The officer, the workers and the partner of the demonstration. Its drivers come with their fleets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator

from mobilize.accounts.models import User
from mobilize.partners.models import Application
from mobilize.seeding.files import read
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.tasks.models import Team
from mobilize.unions.models import Officer
from mobilize.workers.models import Worker


def load(*, now: datetime) -> None:
    """Write them."""
    demo, unions = read("demo"), union_ids()
    _write_officer(demo["officer"], unions[demo["officer"]["union"]], now)
    _write_officer(demo["administrator"], unions[demo["administrator"]["union"]], now, is_staff=True, is_superuser=True)
    _write_worker(demo["worker"], unions[demo["worker"]["union"]], now)
    leader = _write_worker(demo["team_leader"], unions[demo["team_leader"]["union"]], now)
    Team.objects.filter(name=demo["team_leader"]["team"]).update(leader=leader)
    _write_partner(demo["partner"], unions[demo["partner"]["union"]])


def _write_worker(entry: dict[str, Any], union_id: UUID, now: datetime) -> Worker:
    user = User.objects.create_user(entry["phone"], name=entry["name"], is_invented=True, date_joined=now)
    return Worker.objects.create(user=user, union_id=union_id, consented_at=now, created_at=now)


def _write_officer(entry: dict[str, Any], union_id: UUID, now: datetime, **rights: bool) -> None:
    """Write an officer with password and second factor."""
    user = User.objects.create_user(
        entry["phone"], entry["password"], name=entry["name"], is_invented=True, date_joined=now, **rights
    )
    Officer.objects.create(user=user, union_id=union_id, role=entry["role"])
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": get_adapter().encrypt(entry["totp_secret"])},
    )


def _write_partner(entry: dict[str, Any], union_id: UUID) -> None:
    Application.objects.create(
        name=entry["name"],
        client_id=entry["client_id"],
        client_secret=entry["client_secret"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        union_id=union_id,
        allowed_scopes=" ".join(entry["scopes"]),
    )
