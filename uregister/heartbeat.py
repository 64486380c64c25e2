"""When a worker last did what beat asked for: kept in Redis, for checks, metrics and whoever watches.

And that this very process lives: a file that it touches, for who restarts single processes, see `deploy/alive.py`.
"""

import time
from pathlib import Path

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

KEY = "uregister:heartbeat"
# Seconds: how often beat asks, and for how long the answer is kept.
EVERY = 20
KEPT = 24 * 3600
PATIENCE = 1.0


def beat() -> None:
    """Note that a worker has done what beat asked for."""
    _redis().set(KEY, time.time(), ex=KEPT)


def age() -> float | None:
    """Seconds since the last one; None where there was none within a day, or Redis does not answer."""
    try:
        noted = _redis().get(KEY)
    except RedisError:
        return None
    return time.time() - float(noted) if noted else None


def show_life() -> None:
    """Touch the file of this worker or beat, where one is set."""
    if settings.SIGN_OF_LIFE:
        Path(settings.SIGN_OF_LIFE).touch()


def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
