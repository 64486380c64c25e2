"""Who is counted, how often, and what happens without Redis."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts import throttle
from accounts.throttle import TooMany, client_address, count, network, retry_text
from tests.services.processes import free_port
from tests.services.redis import redis


@pytest.fixture(autouse=True)
def _small_limits(settings: Any) -> Iterator[None]:
    settings.LIMITS = settings.LIMITS | {"lookup:contact": "3 per hour", "lookup:address": "2 per 10 minutes"}
    throttle._limit.cache_clear()
    yield
    throttle._limit.cache_clear()


def tries_until_refused(rule: str, key: str, most: int = 10) -> int:
    for turn in range(most):
        try:
            count(rule, key)
        except TooMany:
            return turn
    return most


# ---- Counting ---------------------------------------------------------------------------------------------


def test_counts_each_key_and_each_rule_for_itself() -> None:
    assert tries_until_refused("lookup:contact", "+306900000001") == 3
    assert tries_until_refused("lookup:contact", "+306900000001") == 0
    assert tries_until_refused("lookup:contact", "+306900000002") == 3
    assert tries_until_refused("lookup:address", "+306900000001") == 2


def test_says_when_to_come_back_and_then_it_works() -> None:
    with time_machine.travel(1_790_000_000, tick=False) as clock:
        assert tries_until_refused("lookup:contact", "a") == 3
        with pytest.raises(TooMany) as refused:
            count("lookup:contact", "a")
        assert 0 < refused.value.retry_after <= 3600
        clock.shift(refused.value.retry_after - 1)
        with pytest.raises(TooMany):
            count("lookup:contact", "a")
        clock.shift(2)
        count("lookup:contact", "a")


def test_what_is_forgotten_counts_no_more_and_only_that() -> None:
    assert tries_until_refused("lookup:contact", "a") == tries_until_refused("lookup:contact", "b") == 3
    throttle.forget("lookup:contact", "a")
    assert tries_until_refused("lookup:contact", "a") == 3
    assert tries_until_refused("lookup:contact", "b") == 0


def test_fifty_threads_get_no_more_than_the_limit() -> None:
    start, let_through = threading.Barrier(50), []

    def try_once() -> None:
        start.wait()
        try:
            count("lookup:contact", "+306900000001")
        except TooMany:
            return
        let_through.append(1)

    threads = [threading.Thread(target=try_once) for _number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_through) == 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Try again in 1 second."),
        (90, "Try again in 90 seconds."),
        (91, "Try again in 2 minutes."),
        (5400, "Try again in 90 minutes."),
        (5401, "Try again in 2 hours."),
        (86_400, "Try again in 24 hours."),
    ],
)
def test_says_it_in_words(seconds: int, words: str) -> None:
    with translation.override("en"):
        assert retry_text(seconds) == words
        assert TooMany(seconds).message == f"Too many attempts. {words}"


# ---- Redis ------------------------------------------------------------------------------------------------


def test_redis_counts_for_all_processes_and_holds_no_contact(settings: Any) -> None:
    from redis import Redis

    with redis() as url:
        settings.REDIS_URL = url
        try:
            assert tries_until_refused("lookup:contact", "+306900000001") == 3
            # Another process starts with nothing in its memory.
            throttle.forget_all()
            assert tries_until_refused("lookup:contact", "+306900000001") == 0
            with Redis.from_url(url) as client:
                keys = client.keys("*")
                assert keys
                assert b"6900000001" not in b" ".join(keys)
                # How often a limit was hit is kept, but nothing of who hit it.
                assert all(client.ttl(key) > 0 for key in keys if key != throttle.HITS.encode())
            throttle.forget("lookup:contact", "+306900000001")
            assert tries_until_refused("lookup:contact", "+306900000001") == 3
        finally:
            close(url)


def test_without_redis_the_process_counts_for_itself(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    try:
        assert tries_until_refused("lookup:contact", "+306900000001") == 3
        throttle._down_until = float("-inf")
        throttle.forget("lookup:contact", "+306900000001")
        assert tries_until_refused("lookup:contact", "+306900000001") == 3
    finally:
        close(settings.REDIS_URL)
    assert "Redis does not answer" in caplog.text
    assert "6900000001" not in caplog.text


def close(url: str) -> None:
    """Connections that are left to the garbage collector would warn in another test."""
    throttle._limiter(url).storage.storage.close()  # type: ignore[attr-defined] # The Redis storage has it.
    throttle._limiter.cache_clear()


# ---- Addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.5, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        # Fewer hops than proxies: somebody has spoken to us past a proxy, and wrote the header himself.
        (2, "203.0.113.5", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, " , ,", "192.0.2.1"),
        (1, "198.51.100.9, unknown", "127.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_what_a_trusted_proxy_saw_counts(settings: Any, trusted: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **headers)) == expected


def test_a_unix_socket_has_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == "127.0.0.1"


@given(forwarded=st.text(alphabet=st.characters(max_codepoint=255)), trusted=st.integers(0, 3))
def test_any_header_gives_an_address(forwarded: str, trusted: int) -> None:
    from django.test import override_settings

    with override_settings(TRUSTED_PROXIES=trusted):
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
        assert network(client_address(request))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_an_ipv6_subscriber_is_their_network(address: str, counted: str) -> None:
    assert network(address) == counted
