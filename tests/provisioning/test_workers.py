"""Real workers and a directory that is stopped, and workers that are killed: nothing is lost, nobody waits."""

import json
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.messaging.conftest import Report, report
from tests.services.openldap import OpenLDAP, openldap
from tests.services.postgresql import postgresql
from tests.services.processes import private_directory, wait_until
from tests.services.product import ROOT, environment, manage
from tests.services.redis import redis
from tests.services.worker import CeleryProcess, beat, worker

__all__ = ["report"]
pytestmark = pytest.mark.slow
PASSWORD = "korifogrammi-79-thalassa"


@dataclass
class Setup:
    server: OpenLDAP
    database: str
    env: dict[str, str]
    hands: CeleryProcess

    def open_accounts(self, prefix: str, count: int) -> list[float]:
        command = [sys.executable, "-m", "tests.provisioning.rows", prefix, str(count)]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        took: list[float] = json.loads(done.stdout)
        return took

    def states(self, prefix: str) -> dict[str, int]:
        statement = (
            "SELECT e.state, count(*) FROM accounts_directoryentry e JOIN accounts_account a ON a.id = e.account_id"
            " WHERE a.username LIKE %s GROUP BY e.state"
        )
        with psycopg.connect(self.database) as connection:
            return dict(connection.execute(statement, [f"{prefix}%"]).fetchall())

    def held(self, prefix: str) -> int:
        return sum(name.startswith(prefix) for name in self.server.usernames())


@pytest.fixture(scope="module")
def setup() -> Iterator[Setup]:
    with ExitStack() as resources:
        state: Path = resources.enter_context(private_directory("workers"))
        server = resources.enter_context(openldap())
        database = resources.enter_context(postgresql())
        options = {"DATABASE_URL": database, "REDIS_URL": resources.enter_context(redis()), "DIRECTORY_LEASE": "5"}
        env = environment(state, **options, **server.environment) | {"PYTHONPATH": str(ROOT)}
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        resources.enter_context(beat(state, env))
        hands = resources.enter_context(worker(state, env))
        yield Setup(server, database, env, hands)


def test_the_directory_is_stopped_during_a_hundred_activations(setup: Setup, report: Report) -> None:
    there = setup.open_accounts("there", 30)
    wait_until(lambda: setup.states("there") == {"equal": 30}, "the first are written")
    setup.server.stop()
    away = setup.open_accounts("away", 100)
    assert setup.states("away") == {"waiting": 100}
    setup.server.start()
    returned = time.monotonic()
    wait_until(lambda: setup.states("away") == {"equal": 100}, "all are written", seconds=30)
    took = time.monotonic() - returned
    with_it, without = (statistics.median(each) for each in (there, away))
    report(
        f"100 accounts opened while the directory was away, in {without:.1f} ms each (worst {max(away):.0f} ms), with "
        f"it {with_it:.1f} ms; all were right {took:.1f} s after its return"
    )
    assert without < with_it * 1.5 + 10
    assert max(away) < 1000
    assert setup.held("away") == 100
    assert setup.server.accepts("away0", PASSWORD)
    assert setup.server.accepts("away99", PASSWORD)


def test_a_worker_is_killed_again_and_again(setup: Setup, report: Report) -> None:
    setup.hands.signal(signal.SIGSTOP)
    setup.open_accounts("killed", 200)
    kills = 0
    for _turn in range(3):
        setup.hands.kill()
        kills += 1
        setup.hands.begin()
        # Somewhere between taking them up and noting what became of them.
        wait_until(lambda: setup.states("killed").get("equal") or setup.held("killed"), "it has begun", seconds=60)
    setup.hands.kill()
    held, noted = setup.held("killed"), setup.states("killed")
    setup.hands.start()
    wait_until(lambda: setup.states("killed") == {"equal": 200}, "all are written", seconds=60)
    report(f"{kills + 1} kills; after the last one {held} entries were there, noted {noted}")
    assert setup.held("killed") == 200
    assert Counter(setup.states("killed")) == {"equal": 200}
    done = manage("reconcile_directory", "--dry-run", "--json", env=setup.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["equal"] == 330
