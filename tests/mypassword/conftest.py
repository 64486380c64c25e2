"""Fixtures for the tests of MyPassword."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hashers, get_hashers_by_algorithm


@pytest.fixture
def real_argon2(settings: Any) -> Iterator[None]:
    """Passwords cost what they cost in an installation, not what tests can afford otherwise."""

    def forget_hashers() -> None:
        get_hashers.cache_clear()
        get_hashers_by_algorithm.cache_clear()

    settings.ARGON2_MEMORY_KIB, settings.ARGON2_TIME_COST = 19456, 2
    forget_hashers()
    yield
    forget_hashers()
