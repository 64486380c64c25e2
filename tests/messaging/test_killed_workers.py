"""A thousand PINs through two workers, one of which is killed again and again, and a gateway that often fails."""

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from tests.messaging.conftest import Report
from tests.services.postgresql import postgresql
from tests.services.processes import wait_until
from tests.services.product import ROOT, environment, loose_limits, manage
from tests.services.providers import GunetSms, Provider, Twilio, provider
from tests.services.redis import redis
from tests.services.worker import CeleryProcess, beat, worker

COUNT = 1000
CONCURRENCY = 2
SECONDS_BETWEEN_KILLS = 2.0


def pins_received(*providers: Provider) -> Counter[tuple[str, str]]:
    """How often each (mobile, PIN) was accepted by a gateway."""
    arrived: Counter[tuple[str, str]] = Counter()
    for served in providers:
        for call in served.accepted:
            number = call.fields.get("To") or "+30" + call.fields["recipient"]
            text = call.fields.get("Body") or call.fields["replacements"][0]
            arrived[number, re.findall(r"\b\d{6}\b", text)[0]] += 1
    return arrived


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def kill_again_and_again(victim: CeleryProcess, done: threading.Event, kills: list[float]) -> None:
    while not done.wait(SECONDS_BETWEEN_KILLS):
        victim.kill()
        kills.append(time.monotonic())
        victim.begin()


def issue(count: int, env: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.messaging.rows", str(count)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    issued: dict[str, str] = json.loads(done.stdout)
    return issued


@dataclass
class Outcome:
    kills: int
    seconds: float
    logs: str


def work_and_kill(state: Path, env: dict[str, str], is_settled: Callable[[], bool]) -> Outcome:
    """Two workers and the sweeper until every message is settled, the second worker killed again and again."""
    kills: list[float] = []
    done, begun = threading.Event(), time.monotonic()
    with (
        beat(state, env),
        worker(state, env, name="steady", concurrency=CONCURRENCY) as steady,
        worker(state, env, name="victim", concurrency=CONCURRENCY) as victim,
    ):
        killer = threading.Thread(target=kill_again_and_again, args=[victim, done, kills])
        killer.start()
        try:
            wait_until(is_settled, "every message is settled", seconds=150)
        finally:
            done.set()
            killer.join()
        return Outcome(len(kills), time.monotonic() - begun, steady.text() + victim.text())


def test_every_pin_arrives_though_workers_die_and_the_gateway_fails(tmp_path: Path, report: Report) -> None:
    with postgresql() as database, redis() as broker, provider(Twilio) as twilio, provider(GunetSms) as gunet:
        twilio.behave("fail", share=3)
        # Time to be killed in, between the gateway's acceptance and our note of it.
        twilio.delay = gunet.delay = 0.03
        options = {"DATABASE_URL": database, "REDIS_URL": broker, "SMS_GATEWAYS": "twilio,gunet", "MESSAGE_LEASE": "6"}
        options["LIMITS"] = loose_limits(settings.LIMITS)
        env = environment(tmp_path, **options, **twilio.settings, **gunet.settings)
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        issued = issue(COUNT, env)
        unsettled = "SELECT count(*) FROM accounts_message WHERE state IN ('queued', 'sending')"
        outcome = work_and_kill(tmp_path, env, lambda: query(database, unsettled) == [(0,)])
        rows = query(database, "SELECT state, error, secret, sent_at IS NOT NULL FROM accounts_message")

    arrived = pins_received(twilio, gunet)
    duplicates = sum(arrived.values()) - len(arrived)
    states = Counter(state for state, *_rest in rows)
    report(
        f"{COUNT} PINs in {outcome.seconds:.0f} s, {outcome.kills} kills: {dict(states)}, {len(arrived)} PINs arrived, "
        f"{duplicates} twice; Twilio was asked {len(twilio.calls)} times and failed "
        f"{len(twilio.calls) - len(twilio.accepted)} times, GUnet took {len(gunet.accepted)}"
    )
    assert twilio.complaints == gunet.complaints == []
    # Each is sent or has a reason; what is called sent did arrive, with the very PIN that was issued.
    assert len(rows) == COUNT
    assert all(row == ("sent", "", "", True) or (row[0] == "failed" and row[1]) for row in rows)
    assert set(arrived) <= set(issued.items())
    assert states["sent"] == len(arrived) == COUNT
    assert outcome.kills >= 3
    assert duplicates <= CONCURRENCY * outcome.kills
    said = set(re.findall(r"\b\d{6}\b", outcome.logs))
    assert not [mobile for mobile, pin in issued.items() if mobile in outcome.logs or pin in said]
