"""Who signs up in the benchmarks: people with a session and a token of their own, and shifts with plenty of places.

Ids are made from numbers, so that pgbench can name the same rows as the requests do.
"""

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, set_token_value

from mobilize.accounts.models import User
from mobilize.campaigns.models import Campaign, Pledge
from mobilize.tasks.models import Post, Shift, Task
from mobilize.tasks.states import TaskKind, TaskStatus
from mobilize.workers.models import Worker
from tests.bench.load import get, post

PLACES = 30_000
SLOT = timedelta(minutes=30)
CSRF = "a" * 32
BATCH = 2000


def user_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8001-{number:012d}")


def worker_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8002-{number:012d}")


def shift_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8003-{number:012d}")


def _session_key(number: int) -> str:
    return f"{number:032d}"


def _token(number: int) -> str:
    return f"bench-{number:037d}"


def make_shifts(first: int, count: int, *, begin: datetime, places: int = PLACES) -> None:
    """Add shifts numbered from `first`, one after another at one post, half an hour each from `begin` on."""
    campaign = Campaign.objects.filter(status="open").latest("starts_on")
    post_row = Post.objects.select_related("site").order_by("pk")[first % Post.objects.count()]
    task = Task.objects.create(
        campaign=campaign,
        union=campaign.union,
        kind=TaskKind.DUTY,
        title="bench",
        status=TaskStatus.PUBLISHED,
        site=post_row.site,
        starts_at=begin,
        ends_at=begin + SLOT * count,
    )
    Shift.objects.bulk_create(
        Shift(
            id=shift_id(first + n),
            task=task,
            post=post_row,
            starts_at=begin + SLOT * n,
            ends_at=begin + SLOT * (n + 1),
            places=places,
        )
        for n in range(count)
    )


def make_people(first: int, count: int, *, signed_in: bool = True) -> None:
    """Add volunteers numbered from `first` who have accepted the covenant, each with a session and an API token."""
    campaign = Campaign.objects.filter(status="open").latest("starts_on")
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        users = [
            User(id=user_id(n), phone=f"+86170{n:08d}", name="压测", password="!", is_invented=True) for n in numbers
        ]
        User.objects.bulk_create(users)
        Worker.objects.bulk_create(
            Worker(id=worker_id(n), user_id=user_id(n), union_id=campaign.union_id, consented_at=timezone.now())
            for n in numbers
        )
        Pledge.objects.bulk_create(
            Pledge(campaign=campaign, worker_id=worker_id(n), union_id=campaign.union_id) for n in numbers
        )
        if signed_in:
            _sign_in(users, numbers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _sign_in(users: list[User], numbers: range) -> None:
    expires = timezone.now() + timedelta(days=1)
    sessions = {
        _session_key(n): {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "code", "at": 0}],
        }
        for n, user in zip(numbers, users, strict=True)
    }
    Session.objects.bulk_create(
        Session(session_key=key, session_data=SessionStore().encode(data), expire_date=expires)
        for key, data in sessions.items()
    )
    cache.set_many({KEY_PREFIX + key: data for key, data in sessions.items()}, 86400)
    tokens = []
    for n, user in zip(numbers, users, strict=True):
        token = get_access_token_model()(user=user, expires=expires, scope="worker")
        set_token_value(token, _token(n))
        tokens.append(token)
    get_access_token_model().objects.bulk_create(tokens)


def settle() -> None:
    """Do at once what the database would else do in the background after so many new rows, during the measurement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _browser(person: int) -> dict[str, str]:
    return {
        "Cookie": f"sessionid={_session_key(person)}; csrftoken={CSRF}",
        "User-Agent": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "Accept": "text/html",
        "Accept-Encoding": "gzip, deflate, br",
        "Accept-Language": "zh-CN,zh;q=0.9",
    }


def look(person: int) -> bytes:
    """A signed-in person opens a page."""
    return get("/sign-in/", _browser(person))  # leads her on at once, without a query


def page_request(person: int, shift: int) -> bytes:
    """A signed-in person's tap on "I will come", as her browser sends it."""
    body = f"csrfmiddlewaretoken={CSRF}".encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return post(f"/shifts/{shift_id(shift)}/join/", body, _browser(person) | form)


def api_look(person: int) -> bytes:
    """A person's app reads who she is."""
    return get("/api/v1/me/", {"Authorization": f"Bearer {_token(person)}"})


def api_request(person: int, shift: int) -> bytes:
    """The same over the API."""
    headers = {"Authorization": f"Bearer {_token(person)}", "Content-Type": "application/json"}
    return post(f"/api/v1/shifts/{shift_id(shift)}/signups/", b"{}", headers)
