"""Django's Redis cache with one client per pool, a count that ends by itself, and keys that lead to other keys."""

from hashlib import sha1
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import exceptions

SIGN = ":leads-to"
FOLLOW = """
local found, to = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
return {found, to, to and redis.call('GET', ARGV[1] .. to)}
"""
FOLLOW_SHA = sha1(FOLLOW.encode(), usedforsecurity=False).hexdigest()  # by which the server knows it


class KeptClient(RedisCacheClient):
    """Django makes a client object for every call; making one costs as much as the call itself."""

    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, **options)
        self._kept: dict[Any, Any] = {}
        self._connection: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        if pool not in self._kept:
            self._kept[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return self._kept[pool]

    def follow(self, key: str, sign: str, prefix: str) -> tuple[Any, str, Any]:
        # Django has one cache object for each thread, so the connection is this thread's alone. The pool, the retries
        # and the metrics on a command's usual way cost as much as the command; on any trouble it goes that way.
        given = (2, key, sign, prefix)
        if self._connection is None:
            self._connection = self._get_connection_pool(write=False).make_connection()  # type: ignore[attr-defined]
        try:
            command = self._connection.pack_command("EVALSHA", FOLLOW_SHA, *given)
            self._connection.send_packed_command(command, check_health=False)
            found, to, ahead = self._connection.read_response()
        except exceptions.NoScriptError:
            found, to, ahead = self.get_client().eval(FOLLOW, *given)
        except (exceptions.ConnectionError, exceptions.TimeoutError):
            self._connection.disconnect()
            found, to, ahead = self.get_client().eval(FOLLOW, *given)
        return self._loaded(found), (to or b"").decode(), self._loaded(ahead)

    def _loaded(self, value: bytes | None) -> Any:
        return None if value is None else self._serializer.loads(value)  # type: ignore[attr-defined]

    def lead(self, sign: str, to: str, seconds: int) -> None:
        self.get_client(write=True).set(sign, to, ex=seconds)

    def count(self, key: str, seconds: int, by: int) -> tuple[int, int]:
        with self.get_client(key, write=True).pipeline(transaction=True) as together:
            together.set(key, 0, ex=seconds, nx=True)
            together.incr(key, by)
            together.ttl(key)
            _made, total, left = together.execute()
        return total, left

    def seconds_left(self, key: str) -> int:
        return self.get_client(key).ttl(key)


class ValkeyCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def follow(self, key: str) -> tuple[Any, str, Any]:
        """Read a key and what it leads to in one round trip.

        Returns:
            What is under the key; the key it leads to, empty without one; what is under that. None for nothing.
        """
        client: Any = self._cache
        return client.follow(self.make_key(key), self.make_key(f"{key}{SIGN}"), self.make_key(""))

    def lead(self, key: str, to: str, seconds: int) -> None:
        """Let a key lead to another one for some seconds, for every process; see `follow`."""
        client: Any = self._cache
        client.lead(self.make_key(f"{key}{SIGN}"), to, seconds)

    def count(self, key: str, seconds: int, by: int = 1) -> tuple[int, int]:
        """Count more of something, in one step that no other request comes between.

        Args:
            key: of what.
            seconds: the window; it begins with the first.
            by: how many more.
        Returns:
            How many in this window, and the seconds that are left of it.
        """
        client: Any = self._cache
        return client.count(self.make_and_validate_key(key), seconds, by)

    def seconds_left(self, key: str) -> int:
        """Return the seconds until a key is gone; negative when there is none or it never goes."""
        client: Any = self._cache
        return client.seconds_left(self.make_and_validate_key(key))
