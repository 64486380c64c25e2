"""A private PostgreSQL without the safety of a disk: fast, and gone after the run."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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


@dataclass
class PostgresqlServer:
    """Can be stopped (at once, with every connection cut) and started again on the same port with the same data."""

    port: int
    directory: Path
    user: str | None
    settings: dict[str, str]
    _resources: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """The address of a database that is empty at first, `postgres://uregister@127.0.0.1:…/postgres`."""
        return f"postgres://uregister@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def create(self) -> None:
        make = [program("initdb"), "--username=uregister", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        make += ["--locale=C.UTF-8", f"--pgdata={self.data}"]
        subprocess.run(make, user=self.user, cwd=self.directory, check=True, capture_output=True)

    def start(self) -> None:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.directory}
        command = [program("postgres"), "-D", str(self.data)]
        command += [
            part for key, value in (options | ROOMY | self.settings).items() for part in ("-c", f"{key}={value}")
        ]
        log = self.directory / "log"
        process = self._resources.enter_context(
            running(command, log=log, stop=signal.SIGINT, user=self.user, cwd=self.directory)
        )
        self.pid = process.pid

        def ready() -> bool:
            alive(process, log)
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_until(ready, "PostgreSQL answers")

    def stop(self) -> None:
        self._resources.close()


@contextmanager
def prepared_server(settings: dict[str, str] = FAST) -> Iterator[PostgresqlServer]:
    """One that has still to be started."""
    user = unprivileged_user()
    with private_directory("postgresql", owner=user) as directory:
        server = PostgresqlServer(free_port(), directory, user, settings)
        server.create()
        yield server


@contextmanager
def postgresql_server(settings: dict[str, str] = FAST) -> Iterator[PostgresqlServer]:
    with prepared_server(settings) as server:
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgresql() -> Iterator[str]:
    """Yields the address of one that just runs."""
    with postgresql_server() as server:
        yield server.url
