"""An enrolment day's load while servers stop and processes are killed: `make soak`, or `SOAK_MINUTES=5 make soak`.

The times of what happens are shares of the length. Nobody's activation may get lost or happen twice, and who meets an
error is told when to come back.
"""

import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import ldap
import psutil
import psycopg

from tests.load import crowd
from tests.load.crowd import Crowd, bursts, percentile, statuses, times
from tests.load.house import House, house
from tests.load.person import Person
from tests.services.openldap import PEOPLE, OpenLDAP
from tests.services.processes import wait_until

# 20,000 people in two hours.
RATE = 20_000 / 7200
# One in ten sits in a dormitory that the world knows by one address: enough to be asked for a proof of work.
DORMITORY, SHARE = "127.200.0.1", 0.1
SAMPLE = 50


@dataclass(frozen=True)
class Day:
    """`seconds` of arrivals; people think for `pause` seconds before each form, and wait `told` of what a 503 says."""

    seconds: float
    pause: tuple[float, float] = (2.0, 8.0)
    told: float = 1.0
    # For how long the directory is away.
    away: float = 300.0


def main() -> int:
    minutes = float(os.environ.get("SOAK_MINUTES", "30"))
    day = Day(minutes * 60, away=min(300.0, minutes * 60 / 4))
    faults = soak(day, say)
    for fault in faults:
        say(f"FAULT: {fault}")
    return 1 if faults else 0


def soak(day: Day, tell: Callable[[str], None]) -> list[str]:
    """What went wrong; tells what it counted."""
    with house(people=round(RATE * day.seconds * 1.3) + 50) as building:
        before = building.memory()
        # What is started anew ends with the thread that has started it: hence here, and the crowd elsewhere.
        with ThreadPoolExecutor(max_workers=1) as elsewhere:
            crowd_of_the_day = elsewhere.submit(crowd.run, building, lambda people: play(people, day))
            disturb(building, day, tell)
            people = crowd_of_the_day.result()
        settle(building)
        show(people, tell)
        show_memory(before, building.memory(), tell)
        return [*faults_of(people), *compare(building, people, tell)]


async def play(people: Crowd, day: Day) -> None:
    chance = random.Random(5)

    def somebody() -> Person:
        return people.next_person(
            thinks=lambda: chance.uniform(*day.pause),
            comes_back=lambda seconds: seconds * day.told * chance.uniform(1.0, 1.3),
            address=DORMITORY if chance.random() < SHARE else "",
        )

    await people.arrive(bursts(seconds=day.seconds, rate=RATE), somebody)


# ---- What happens -----------------------------------------------------------------------------------------------


def disturb(building: House, day: Day, tell: Callable[[str], None]) -> None:
    """Each at its share of the day; the crowd goes on meanwhile."""
    happenings: list[tuple[float, str, Callable[[], None]]] = [
        (0.10 * day.seconds, "a web process is killed", lambda: kill_child(building.product.pid)),
        (0.20 * day.seconds, "PostgreSQL is restarted", lambda: restart_database(building)),
        (0.35 * day.seconds, "Redis is restarted, empty", lambda: restart_redis(building)),
        (0.45 * day.seconds, "OpenLDAP stops", building.directory.stop),
        (0.45 * day.seconds + day.away, "OpenLDAP starts", building.directory.start),
        (0.80 * day.seconds, "a process of the worker is killed", lambda: kill_child(building.worker.pid)),
        (0.85 * day.seconds, "the worker is killed and started", lambda: restart_worker(building)),
    ]
    began = time.monotonic()
    for moment, what, act in happenings:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        tell(f"{time.monotonic() - began:6.0f} s  {what}")
        act()


def kill_child(parent: int) -> None:
    """One of the processes that do the work, without a word."""
    psutil.Process(parent).children()[0].send_signal(signal.SIGKILL)


def restart_database(building: House) -> None:
    building.database.stop()
    time.sleep(3)
    building.database.start()


def restart_redis(building: House) -> None:
    building.broker.stop()
    time.sleep(3)
    building.broker.start()


def restart_worker(building: House) -> None:
    building.worker.kill()
    building.worker.start()


def settle(building: House) -> None:
    """Until nothing waits any more."""

    def nothing_waits() -> bool:
        with psycopg.connect(building.database.url) as connection:
            return not any(number(connection, what) for what in WAITING)

    wait_until(nothing_waits, "all is sent and written", seconds=180)


WAITING = (
    "SELECT count(*) FROM accounts_directoryentry WHERE state <> 'equal'",
    "SELECT count(*) FROM accounts_message WHERE state IN ('queued', 'sending')",
)


# ---- What is told -----------------------------------------------------------------------------------------------


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show(people: Crowd, tell: Callable[[str], None]) -> None:
    length = people.met[-1].began - people.met[0].began
    tell(f"{len(people.done)} of {len(people.everybody)} people activated in {length:.0f} s")
    tell(f"answers by status: {dict(sorted(statuses(people.met).items()))}")
    for what in ("told_to_wait", "proofs", "began_anew", "more_pins", "other_pins"):
        tell(f"{what}: {sum(getattr(person, what) for person in people.everybody)}")
    show_times(people, tell)


def show_times(people: Crowd, tell: Callable[[str], None]) -> None:
    tell(f"{'step':<32}{'number':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}")
    for step, seconds in times(people.met).items():
        marks = "".join(f"{percentile(seconds, mark) * 1000:>8.0f}" for mark in (50, 95, 99))
        tell(f"{step:<32}{len(seconds):>8}{marks}")


def show_memory(before: dict[str, float], after: dict[str, float], tell: Callable[[str], None]) -> None:
    for part in ("web", "worker"):
        tell(f"memory of {part}: {before[part]:.0f} MB before, {after[part]:.0f} MB after")


# ---- What must hold ---------------------------------------------------------------------------------------------


def faults_of(people: Crowd) -> Iterator[str]:
    yield from people.lost
    for status, times_met in statuses(people.met).items():
        if status not in (200, 302, 503):
            yield f"{times_met} answers with status {status}"


def compare(building: House, people: Crowd, tell: Callable[[str], None]) -> Iterator[str]:
    """The counts of everybody who keeps one: people, accounts, attempts, audit trail, directory."""
    activated = {person.username for person in people.done}
    with psycopg.connect(building.database.url) as connection:
        accounts = Counter(row[0] for row in connection.execute("SELECT username FROM accounts_account"))
        counts = {what: number(connection, statement) for what, statement in COUNTED.items()}
    entries = building.directory.usernames()
    counts = {"people who saw the last page": len(activated)} | counts | {"entries of the directory": len(entries)}
    for what, counted in counts.items():
        tell(f"{what}: {counted}")
        if counted != len(activated):
            yield f"{what}: {counted} instead of {len(activated)}"
    if set(accounts) != activated:
        yield f"accounts of others: {sorted(set(accounts) ^ activated)}"
    if entries != activated:
        yield f"entries of others: {sorted(entries ^ activated)}"
    sample = random.Random(3).sample(people.done, min(SAMPLE, len(people.done)))
    refused = [person.username for person in sample if not signs_in(building.directory, person)]
    tell(f"passwords that the directory takes: {len(sample) - len(refused)} of {len(sample)}")
    if refused:
        yield f"the directory refuses the passwords of {refused}"


COUNTED = {
    "accounts": "SELECT count(*) FROM accounts_account",
    "persons marked as activated": "SELECT count(*) FROM registry_person WHERE activated_at IS NOT NULL",
    "attempts that came to an end": "SELECT count(*) FROM activation_activation WHERE finished_at IS NOT NULL",
    "openings in the audit trail": "SELECT count(*) FROM accounts_auditevent WHERE act = 'account.opened'",
    "entries that the workers wrote": "SELECT count(*) FROM accounts_directoryentry WHERE state = 'equal'",
}


def number(connection: "psycopg.Connection[tuple[int]]", statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row
    return row[0]


def signs_in(directory: OpenLDAP, person: Person) -> bool:
    """Whether the directory knows the person by the password that they chose."""
    with contextlib.suppress(ldap.INVALID_CREDENTIALS):
        directory.connect(f"uid={person.username},{PEOPLE}", person.password).unbind_s()
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
