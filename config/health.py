"""What a load balancer asks: alive, and ready to serve."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; touches nothing else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and the cache answer, else 503 with the name of what does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unready", "missing": "database"}, status=503)
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return JsonResponse({"status": "unready", "missing": "cache"}, status=503)
    return JsonResponse({"status": "ready"})
