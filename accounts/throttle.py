"""How often somebody may try: limits per network address, destination and person, kept in Redis.

Without Redis, or while it does not answer, each process counts for itself: looser, but never open.
"""

import ipaddress
import logging
import math
import time
from functools import cache
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from registry.encryption import digest

logger = logging.getLogger(__name__)

# Seconds that a request may wait for Redis, and seconds for which nobody asks it again after it did not answer.
PATIENCE = 0.25
# Where Redis keeps how often each limit was hit.
HITS = "uregister:limits-hit"
PAUSE = 5.0
_down_until = float("-inf")


class TooMany(Exception):
    """A limit was hit; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        return str(_("Too many attempts.")) + " " + retry_text(self.retry_after)


def retry_text(seconds: int) -> str:
    """«Try again in …», in seconds up to a minute and a half, then in minutes, then in hours."""
    if seconds <= 90:
        text = ngettext("Try again in %(count)d second.", "Try again in %(count)d seconds.", seconds)
        return text % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        text = ngettext("Try again in %(count)d minute.", "Try again in %(count)d minutes.", minutes)
        return text % {"count": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("Try again in %(count)d hour.", "Try again in %(count)d hours.", hours) % {"count": hours}


@cache
def _limiter(url: str) -> FixedWindowRateLimiter:
    if not url:
        return FixedWindowRateLimiter(MemoryStorage())
    storage = storage_from_string(url, wrap_exceptions=True, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    return FixedWindowRateLimiter(cast("Storage", storage))


@cache
def _limit(rule: str) -> RateLimitItem:
    return parse(settings.LIMITS[rule])


def count(rule: str, key: str) -> None:
    """Count one attempt under a rule of `settings.LIMITS`; raises `TooMany` when there were too many.

    The key may be a telephone number: only its keyed digest is stored.
    """
    global _down_until  # noqa: PLW0603 # The memory of one process, see PAUSE.
    identifiers = (rule, digest(key, purpose="limit"))
    if redis_answers():
        try:
            _count(_limiter(settings.REDIS_URL), _limit(rule), identifiers)
        except StorageError:
            _down_until = time.monotonic() + PAUSE
            logger.warning("Redis does not answer: limits are counted in this process")
        else:
            return
    _count(_limiter(""), _limit(rule), identifiers)


def forget(rule: str, key: str) -> None:
    """What was counted of this key counts no more: whoever tried has proved who they are."""
    global _down_until  # noqa: PLW0603 # The memory of one process, see PAUSE.
    identifiers = (rule, digest(key, purpose="limit"))
    _limiter("").clear(_limit(rule), *identifiers)
    if redis_answers():
        try:
            _limiter(settings.REDIS_URL).clear(_limit(rule), *identifiers)
        except StorageError:
            _down_until = time.monotonic() + PAUSE


def is_spent(rule: str, key: str) -> bool:
    """Whether `count` would refuse the next attempt; counts nothing."""
    global _down_until  # noqa: PLW0603 # The memory of one process, see PAUSE.
    identifiers = (rule, digest(key, purpose="limit"))
    if redis_answers():
        try:
            return not _limiter(settings.REDIS_URL).test(_limit(rule), *identifiers)
        except StorageError:
            _down_until = time.monotonic() + PAUSE
    return not _limiter("").test(_limit(rule), *identifiers)


def redis_answers() -> bool:
    """False for a while after it did not: who asks now would wait in vain."""
    return time.monotonic() >= _down_until


def _count(limiter: FixedWindowRateLimiter, limit: RateLimitItem, identifiers: tuple[str, str]) -> None:
    if not limiter.hit(limit, *identifiers):
        _note_hit(identifiers[0])
        reset = limiter.get_window_stats(limit, *identifiers).reset_time
        raise TooMany(max(1, math.ceil(reset - time.time())))


def _note_hit(rule: str) -> None:
    """For the operator's figures: how often each limit has refused somebody, on all machines together."""
    if not settings.REDIS_URL or not redis_answers():
        return
    try:
        _redis(settings.REDIS_URL).hincrby(HITS, rule)
    except RedisError:
        return


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)


def forget_all() -> None:
    """Start counting anew in this process; Redis is left alone."""
    global _down_until  # noqa: PLW0603 # The memory of one process, see PAUSE.
    _limiter("").storage.reset()
    _down_until = float("-inf")


def client_address(request: HttpRequest) -> str:
    """The address of the browser: behind `settings.TRUSTED_PROXIES` proxies, what the outermost of them saw.

    Each proxy appends to `X-Forwarded-For` the address it was spoken to from; what stands left of the trusted
    ones was written by anybody.
    """
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    trusted = settings.TRUSTED_PROXIES
    given = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return "127.0.0.1"


def network(address: str) -> str:
    """What a limit per address counts: an IPv4 address, or the /64 that one IPv6 subscriber has to themselves."""
    parsed = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
