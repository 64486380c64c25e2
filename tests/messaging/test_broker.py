"""Redis goes away in the middle of a journey, and comes back."""

import base64
import binascii
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from tests.messaging.browser import Browser
from tests.messaging.conftest import Report
from tests.services.processes import wait_until
from tests.services.product import Product, loose_limits, served
from tests.services.providers import Twilio, provider
from tests.services.redis import RedisServer, redis_server
from tests.services.worker import CeleryProcess, beat, worker

MARIA, SOFIA = "+306900000001", "+306900000007"


def pins_to(twilio: Twilio, mobile: str) -> list[str]:
    texts = [call.fields["Body"] for call in twilio.accepted if call.fields["To"] == mobile]
    return [re.findall(r"\b\d{6}\b", text)[0] for text in texts]


def wait_for_pin(twilio: Twilio, mobile: str, *, seconds: float = 20) -> str:
    wait_until(lambda: pins_to(twilio, mobile), f"a PIN arrives at {mobile}", seconds=seconds)
    return pins_to(twilio, mobile)[-1]


def tasks_taken(text: str) -> int:
    return len(re.findall(r"Task accounts.send_message\[\S+\] received", text))


@pytest.mark.parametrize("fault", ["stopped", "paused"])
def test_a_journey_goes_on_without_redis_and_the_queue_comes_back(tmp_path: Path, fault: str, report: Report) -> None:
    with redis_server() as broker, provider(Twilio) as twilio:
        options = {"REDIS_URL": broker.url, "SMS_GATEWAYS": "twilio", "MESSAGE_LEASE": "6"} | twilio.settings
        options["LIMITS"] = loose_limits(settings.LIMITS)
        with (
            served(tmp_path, **options) as product,
            worker(tmp_path, product.env, level="DEBUG") as hands,
            beat(tmp_path, product.env),
        ):
            browser = Browser(product)
            browser.get("/activation/")
            give_work_to(hands, twilio, Browser(product))
            take_away: dict[str, Callable[[], None]] = {"stopped": broker.stop, "paused": broker.pause}
            take_away[fault]()
            twilio.delay = 0.0
            browser.ask_for_pin(mobile=MARIA)
            browser.deliveries()
            username = browser.finish(wait_for_pin(twilio, MARIA))
            slowest = max(browser.took, key=lambda taken: taken[1])

            back: dict[str, Callable[[], None]] = {"stopped": broker.start, "paused": broker.resume}
            back[fault]()
            before = hands.text()
            returned = time.monotonic()
            second = queue_works_again(product, twilio, lambda: tasks_taken(hands.text()) > tasks_taken(before))
            recovered = time.monotonic() - returned
            # The sweeper and what waited in the paused Redis have had their turn too.
            time.sleep(3)
            counts = Counter(call.fields["Body"] for call in twilio.accepted)
            rows = product.sql("SELECT state, count(*) FROM accounts_message GROUP BY state")
    report(
        f"Redis {fault}: {username} activated; slowest request {slowest[0]} {slowest[1] * 1000:.0f} ms; "
        f"a worker sends again {recovered:.1f} s after it is back; {len(counts)} messages, rows {dict(rows)}"
    )
    assert slowest[1] < 1
    assert dict(rows) == {"sent": len(counts)}
    assert set(counts.values()) == {1}, "sent twice"
    assert second
    assert twilio.complaints == []


def give_work_to(hands: CeleryProcess, twilio: Twilio, browser: Browser) -> None:
    """Let a worker wait for its gateway: the task that it has in hand is not acknowledged yet."""
    twilio.delay = 2.0
    browser.ask_for_pin(mobile=SOFIA)
    wait_until(lambda: tasks_taken(hands.text()), "a worker has a message in hand")


def queue_works_again(product: Product, twilio: Twilio, by_worker: Callable[[], bool]) -> str:
    """Ask for PINs until a worker, and not the web process, has sent one."""
    deadline = time.monotonic() + 40
    while True:
        browser = Browser(product)
        known = len(pins_to(twilio, SOFIA))
        browser.ask_for_pin(mobile=SOFIA)
        wait_until(lambda: len(pins_to(twilio, SOFIA)) > known, "a PIN arrives")  # noqa: B023 - called at once
        time.sleep(0.3)
        if by_worker():
            return pins_to(twilio, SOFIA)[-1]
        assert time.monotonic() < deadline, "the queue does not work again"
        time.sleep(0.5)


def everything_in(broker: RedisServer) -> str:
    """All keys and values, whatever their type."""
    readers: dict[bytes, Callable[[Any, bytes], Any]] = {
        b"string": lambda client, key: client.get(key),
        b"list": lambda client, key: client.lrange(key, 0, -1),
        b"set": lambda client, key: client.smembers(key),
        b"zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
        b"hash": lambda client, key: client.hgetall(key),
    }
    with Redis.from_url(broker.url) as client:
        kept = {key: readers[client.type(key)](client, key) for key in client.keys("*")}  # type: ignore[index]
    return decoded(repr(kept))


def decoded(text: str) -> str:
    """The text, and all that is hidden in it as base64: Celery writes the body of a task so."""
    parts = [text]
    for word in re.findall(r"[A-Za-z0-9+/=_-]{16,}", text):
        try:
            parts.append(base64.b64decode(word).decode("utf-8", "replace"))
        except (binascii.Error, ValueError):
            continue
    return "\n".join(parts)


def test_no_pin_in_the_broker_in_logs_or_in_the_table(tmp_path: Path, report: Report) -> None:
    with redis_server() as broker, provider(Twilio) as twilio:
        options = {"REDIS_URL": broker.url, "SMS_GATEWAYS": "twilio", "LOG_LEVEL": "DEBUG", "DEBUG": "1"}
        with served(tmp_path, **options, **twilio.settings) as product:
            with worker(tmp_path, product.env, level="DEBUG") as hands:
                hands.stop()
                browser = Browser(product)
                browser.ask_for_pin(mobile=MARIA)
                waiting = everything_in(broker)
                (key, secret) = product.sql("SELECT id, secret FROM accounts_message")[0]
                hands.start()
                pin = wait_for_pin(twilio, MARIA)
                wait_until(lambda: product.sql("SELECT sent_at FROM accounts_message")[0][0], "it is noted")
                row = product.sql("SELECT * FROM accounts_message")[0]
                afterwards = everything_in(broker)
                username = browser.finish(pin)
                hands.stop()
                logs = hands.text()
            web_log = product.log.read_text(encoding="utf-8")
            logs += web_log
            wiped = product.sql("SELECT secret FROM accounts_message")
    report(f"{username}: {len(waiting)} characters in Redis, {len(logs)} in the logs, PIN nowhere")
    # What was looked through did hold the message, so the PIN would have been found.
    assert key in waiting.replace("-", "")
    assert secret
    assert "accounts.send_message" in logs
    assert " DEBUG " in web_log
    pattern = re.compile(rf"(?<!\d){pin}(?!\d)")
    for place in (waiting, afterwards, logs, repr(row)):
        assert not pattern.search(place)
    assert wiped == [("",)]
    assert MARIA not in waiting + afterwards
