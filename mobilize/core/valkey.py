"""Django's Redis cache with one client per pool, a count that ends by itself, and a short way to read."""

from collections.abc import Sequence
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import exceptions


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

    def read(self, keys: Sequence[str]) -> list[Any]:
        # Django has one cache object for each thread, so the connection is this thread's alone. The pool, the retries
        # and the metrics on a command's usual way cost as much as the command; on any trouble it goes that way.
        if self._connection is None:
            self._connection = self._get_connection_pool(write=False).make_connection()  # type: ignore[attr-defined]
        try:
            self._connection.send_packed_command(self._connection.pack_command("MGET", *keys), check_health=False)
            found = self._connection.read_response()
        except (exceptions.ConnectionError, exceptions.TimeoutError):
            self._connection.disconnect()
            found = self.get_client().mget(keys)
        return [None if value is None else self._serializer.loads(value) for value in found]  # type: ignore[attr-defined]

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

    def read(self, *keys: str) -> list[Any]:
        """Return what is under each key, None for what is not there, in one round trip and by the shortest way."""
        client: Any = self._cache
        return client.read([self.make_key(key) for key in keys])

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
