"""Seconds that an upgrade takes with a million persons, and the longest that anybody had to wait meanwhile.

`UREGISTER_BENCH_ROWS=20000 make bench ONLY=upgrade` takes another size. The value is the longest piece of work of the
version before that went on while `migrate` ran, the floor the longest in half a minute before it.
"""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench import report, use
from tests.bench.students import ROWS
from tests.machines.old_processes import pieces_of
from tests.services.postgresql import postgresql
from tests.services.processes import alive, private_directory, running, wait_until
from tests.services.product import ROOT

PERSONS = ROWS or 1_000_000


def run() -> None:
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        env = use(state, DATABASE_URL=resources.enter_context(postgresql()))
        from tests.machines.released import lay_out

        lay_out(PERSONS)
        measure(env, state / "old")


def measure(env: dict[str, str], log: Path) -> None:
    code = f"import django; django.setup(); from tests.machines.old_processes import run; run({PERSONS})"
    with running([sys.executable, "-c", code], log=log, cwd=ROOT, env=env) as process:

        def begun() -> bool:
            alive(process, log)
            return len(pieces_of(log)) > 100

        wait_until(begun, "the old processes work", seconds=120)
        warm = len(pieces_of(log))
        time.sleep(30)
        before = len(pieces_of(log))
        seconds = migrate(env)
        time.sleep(1)  # Whatever began meanwhile has an end.
        after = len(pieces_of(log))
    quiet, meanwhile = pieces_of(log)[warm:before], pieces_of(log)[before:after]
    report(
        "upgrade", values=[longest(meanwhile)], floors=[longest(quiet)], unit="s", n=PERSONS, done=len(meanwhile),
        failed=sum("error" in piece for piece in meanwhile), upgrade_s=round(seconds, 1),
    )  # fmt: skip


def migrate(env: dict[str, str]) -> float:
    """Seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=env, check=True)
    return time.perf_counter() - start


def longest(pieces: list[dict[str, Any]]) -> float:
    """Seconds."""
    return float(max(piece["seconds"] for piece in pieces))
