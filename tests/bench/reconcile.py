"""Accounts per second that `reconcile_directory` compares when all are equal; the floor is reading their entries.

Both read the same pages of the same server. `reconcile_memory` is what the whole command takes, against 300 MB.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from tests.bench import report, use
from tests.bench.provisioning import fill, service
from tests.services.openldap import PEOPLE, OpenLDAP, openldap
from tests.services.postgresql import postgresql
from tests.services.processes import private_directory
from tests.services.product import ROOT, manage

# What getrusage calls the largest size would be this very process's, from which the command's is forked.
COMMAND = """
import django
django.setup()
from django.core.management import call_command
call_command("reconcile_directory", "--dry-run")
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""
ACCOUNTS, SLICE, PAGE, MOST_MB = 100_000, 5_000, 500, 300


def run() -> None:
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        server = resources.enter_context(openldap())
        database = resources.enter_context(postgresql())
        env = use(state, DATABASE_URL=database, LOG_LEVEL="WARNING", **server.environment)
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        fill(ACCOUNTS)
        provision()
        measure(server)
        measure_memory(env)


def provision() -> None:
    from accounts.directory import sync

    assert sync.write_due(seconds=3600) == ACCOUNTS


def measure(server: OpenLDAP) -> None:
    """After each slice of the comparison the same number of entries is merely read, over a line of its own."""
    from accounts.directory.reconcile import compare

    values: list[float] = []
    floors: list[float] = []
    pages = bare(server)
    began = time.perf_counter()

    def note(count: int) -> None:
        nonlocal began
        if count % SLICE:
            return
        values.append(SLICE / (time.perf_counter() - began))
        began = time.perf_counter()
        assert sum(next(pages) for _page in range(SLICE // PAGE)) == SLICE
        floors.append(SLICE / (time.perf_counter() - began))
        began = time.perf_counter()

    counts = compare(progress=note).counts()
    assert counts == {"missing": 0, "different": 0, "foreign": 0, "equal": ACCOUNTS}, counts
    # The first slice warms up.
    report("reconcile", values=values[1:], floors=floors[1:], unit="1/s", n=ACCOUNTS)


def bare(server: OpenLDAP) -> Iterator[int]:
    """Reads the same attributes page by page; yields how many entries a page had."""
    import ldap
    from ldap.controls.libldap import SimplePagedResultsControl

    from accounts.directory.batch import asked
    from accounts.directory.ldap import ABOUT

    line, cookie, attributes = service(server), b"", [*asked(), *ABOUT]
    while True:
        page: Any = SimplePagedResultsControl(criticality=True, size=PAGE, cookie=cookie)
        message = line.search_ext(PEOPLE, ldap.SCOPE_ONELEVEL, "(uid=*)", attributes, serverctrls=[page])
        _kind, entries, _id, controls = line.result3(message)
        yield len(entries)
        cookie = controls[0].cookie
        if not cookie:
            return


def measure_memory(env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    megabytes = int(done.stdout.split()[-2]) / 1024
    report("reconcile_memory", values=[megabytes], floors=[float(MOST_MB)], unit="MB", n=ACCOUNTS)
