"""Sessions that bring their person's copy along, in one round trip to the cache."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import cached_db

from mobilize.accounts.backends import people
from mobilize.core.copies import fetch, lead


class SessionStore(cached_db.SessionStore):
    """Django's cached sessions; who reads one asks for its person next."""

    def load(self) -> dict[str, Any]:
        data = fetch(self.cache_key) or super().load()
        if user_id := data.get(SESSION_KEY):
            lead(self.cache_key, people.place(user_id))
        return data
