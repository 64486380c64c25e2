"""CPU seconds of one whole activation beside those of its one Argon2id hash, with 200,000 persons in the registry.

Every page and every form, eleven requests through nginx and gunicorn, one SMS by a worker, one entry of OpenLDAP. The
value is what web processes, worker and database use together; those of Redis, OpenLDAP, nginx and beat stand beside.
"""

import os
import statistics
import time

import psycopg

from tests.bench import report
from tests.load import crowd
from tests.load.crowd import Crowd
from tests.load.house import ARGON2, House, house
from tests.services.processes import wait_until

PEOPLE = int(os.environ.get("UREGISTER_BENCH_ROWS", "200000"))
SLICES, EACH, AT_ONCE = 5, 40, 4
HASHES = 30
OURS = ("web", "worker", "database")
COUNTING = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "2000"}


def run() -> None:
    with house(people=PEOPLE, database=COUNTING) as building:
        execute(building, "CREATE EXTENSION pg_stat_statements")
        execute(building, "VACUUM ANALYZE")
        crowd.run(building, lambda people: measure(building, people))


async def measure(building: House, people: Crowd) -> None:
    floors: list[float] = []
    used: dict[str, list[float]] = {name: [] for name in building.parts}
    queries = 0.0
    for turn in range(SLICES + 1):
        floor = hash_seconds()
        calls, before = statements(building), building.cpu()
        await people.together(EACH, at_once=AT_ONCE)
        settle(building)
        after = building.cpu()
        assert not people.lost, people.lost
        if turn:  # The first slice warms up.
            floors.append(floor)
            queries += statements(building) - calls
            for name, seconds in after.items():
                used[name].append((seconds - before[name]) / EACH)
    values = [sum(used[name][turn] for name in OURS) for turn in range(SLICES)]
    parts = {f"{name}_ms": round(statistics.median(seconds) * 1000, 2) for name, seconds in used.items()}
    milliseconds = {"values": [value * 1000 for value in values], "floors": [floor * 1000 for floor in floors]}
    more = parts | {"queries": round(queries / EACH / SLICES, 1)}
    report("activation_cpu", **milliseconds, unit="ms", n=EACH * SLICES, **more)


def hash_seconds() -> float:
    """CPU seconds of one hash with the product's own parameters."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(
        memory_cost=int(ARGON2["ARGON2_MEMORY_KIB"]),
        time_cost=int(ARGON2["ARGON2_TIME_COST"]),
        parallelism=int(ARGON2["ARGON2_PARALLELISM"]),
    )
    before = time.process_time()
    for turn in range(HASHES):
        hasher.hash(f"correct horse {turn} Battery")
    return (time.process_time() - before) / HASHES


def settle(building: House) -> None:
    """Until the workers have nothing more to do: their work belongs to the activations."""
    waiting = "SELECT count(*) FROM accounts_directoryentry WHERE state <> 'equal'"
    wait_until(lambda: execute(building, waiting) == 0, "the directory has everybody")


def statements(building: House) -> float:
    """How many were sent to the database so far, not counting those of this bench."""
    asked = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"
    return execute(building, asked)


def execute(building: House, statement: str) -> float:
    """The first value of the answer, as a number; 0 where there is none."""
    with psycopg.connect(building.database.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return float(row[0]) if row else 0.0
