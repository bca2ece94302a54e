"""Django's Redis cache with one client per pool, and with a count that ends by itself."""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class KeptClient(RedisCacheClient):
    """Django makes a client object for every call; making one costs as much as the call itself."""

    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, **options)
        self._kept: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        if pool not in self._kept:
            self._kept[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return self._kept[pool]

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
