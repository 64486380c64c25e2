"""Limits for the activation's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import throttle


@pytest.fixture
def limit(settings: Any) -> Iterator[Callable[[str, str], None]]:
    """`limit("pin-send:person", "2 per day")` sets one limit for the test."""

    def change(rule: str, rate: str) -> None:
        settings.LIMITS = settings.LIMITS | {rule: rate}
        throttle._limit.cache_clear()

    yield change
    throttle._limit.cache_clear()


@pytest.fixture
def no_limits(settings: Any) -> Iterator[None]:
    """For tests that try more often than anybody may."""
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "1000000 per second")
    throttle._limit.cache_clear()
    yield
    throttle._limit.cache_clear()
