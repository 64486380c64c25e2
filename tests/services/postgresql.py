"""A private PostgreSQL without the safety of a disk: fast, and gone after the run."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services.processes import alive, free_port, private_directory, running, unprivileged_user, wait_until

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "1GB"}
# Races run 50 threads in each of the test processes.
ROOMY = {"max_connections": "200", "shared_buffers": "64MB"}


def program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, in a directory for each version; the newest counts."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: float(path.parts[4]), default=None)
    found = str(newest) if newest else shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} of PostgreSQL is missing: `make setup` installs it")
    return found


@contextmanager
def postgresql() -> Iterator[str]:
    """Yields the address of an empty database, `postgres://uregister@127.0.0.1:…/postgres`."""
    user = unprivileged_user()
    port = free_port()
    with private_directory("postgresql", owner=user) as directory:
        data = directory / "data"
        make = [program("initdb"), "--username=uregister", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        subprocess.run(
            [*make, "--locale=C.UTF-8", f"--pgdata={data}"], user=user, cwd=directory, check=True, capture_output=True
        )
        options = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(directory)}
        command = [program("postgres"), "-D", str(data)]
        command += [part for key, value in (options | FAST | ROOMY).items() for part in ("-c", f"{key}={value}")]
        log = directory / "log"
        url = f"postgres://uregister@127.0.0.1:{port}/postgres"
        with running(command, log=log, stop=signal.SIGINT, user=user, cwd=directory) as process:

            def ready() -> bool:
                alive(process, log)
                try:
                    psycopg.connect(url).close()
                except psycopg.OperationalError:
                    return False
                return True

            wait_until(ready, "PostgreSQL answers")
            yield url
