"""The whole product as its users run it: gunicorn in a process of its own, with its logs kept."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.services.processes import alive, running, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
# Where one of these is given there is nothing to copy.
OWN = {"DATABASE_URL", "SECRET_KEY", "DATA_KEYS"}
EMBEDDED = ("uregister.sqlite3", "secret-key", "data-keys")
# By whether the demo's people are in it, the files.
_embedded: dict[bool, dict[str, bytes]] = {}


def environment(state: Path, **settings: str) -> dict[str, str]:
    """The environment of a process of the product: nothing of ours but the settings, named without `UREGISTER_`."""
    # Nor may anything forbid byte code: each process would compile all it imports anew.
    ours = ("UREGISTER_", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    quick = {"ARGON2_MEMORY_KIB": "8", "ARGON2_TIME_COST": "1"}
    chosen = {"STATE_DIR": str(state), "MODE": "demo"} | quick | settings
    return outside | {f"UREGISTER_{name}": value for name, value in chosen.items()}


def manage(*arguments: str, env: dict[str, str], seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """`manage.py` to its end, whatever that is."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=seconds)


@dataclass
class Product:
    """`ca` is the file of the authority behind its certificate, where it speaks TLS."""

    url: str
    state: Path
    env: dict[str, str]
    log: Path
    ca: str = ""
    # Of gunicorn's process that keeps the others.
    pid: int = 0

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=20, **({"verify": self.ca or True} | options))

    def json(self, path: str) -> Any:
        response = self.get(path)
        response.raise_for_status()
        return response.json()

    def messages_to(self, address: str) -> list[dict[str, str]]:
        """The demo inbox's messages to a mobile or an e-mail address, newest first."""
        return [message for message in self.json("/demo/inbox.json") if message["to"] == address]

    def pin_sent_to(self, address: str) -> str:
        """The PIN of the newest message to the address."""
        newest = self.messages_to(address)[0]
        found = re.search(r"(?<!\d)\d{6}(?!\d)", newest["text"])
        assert found, f"no PIN in {newest['text']!r}"
        return found[0]

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        """What `manage.py` printed; it has to succeed."""
        done = manage(*arguments, env=self.env, seconds=seconds)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """A statement on the embedded database, past the product: to look for leaks, or to let time pass."""
        with closing(sqlite3.connect(self.state / "uregister.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def remember(self) -> None:
        """Keep the embedded database as it is now, for `restore`."""
        self._copy(self.state / "uregister.sqlite3", self.state / "remembered.sqlite3")

    def restore(self) -> None:
        """Make the embedded database what it was, under the running server: a transaction like any other."""
        self._copy(self.state / "remembered.sqlite3", self.state / "uregister.sqlite3")

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target, timeout=20)) as new:
            old.backup(new)


@contextmanager
def web(product: Product, *, processes: int = 1, options: Sequence[str] = ()) -> Iterator[Product]:
    """A web process of the product, on a port of its own, when the database is ready for it; `options` of gunicorn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = "https" if product.ca else "http"
        product.url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "gunicorn", "uregister.wsgi", "--bind", f"fd://{descriptor}", "--threads", "8"]
        command += ["--no-control-socket", "--graceful-timeout", "2", "--workers", str(processes), *options]
        with running(command, log=product.log, cwd=ROOT, env=product.env, pass_fds=[descriptor]) as process:
            listener.close()
            product.pid = process.pid

            def ready() -> bool:
                alive(process, product.log)
                try:
                    return product.get("/healthz").ok
                except requests.RequestException:
                    return False

            wait_until(ready, "the product answers", seconds=60)
            yield product


@contextmanager
def served(state: Path, *, demo_people: bool = True, processes: int = 1, **settings: str) -> Iterator[Product]:
    """The product, migrated and listening; `settings` by their names without `UREGISTER_`."""
    product = prepared(state, demo_people=demo_people, **settings)
    with web(product, processes=processes):
        yield product


def prepared(state: Path, *, demo_people: bool = True, **settings: str) -> Product:
    """The product, migrated, before any of its processes runs.

    The embedded database is made once in this process, with the keys that it is written under; then it is copied.
    """
    product = Product("", state, environment(state, **settings), state / "log")
    if OWN & settings.keys():
        _fill(product, demo_people=demo_people)
    elif demo_people in _embedded:
        for name, content in _embedded[demo_people].items():
            (state / name).write_bytes(content)
    else:
        _fill(product, demo_people=demo_people)
        _embedded[demo_people] = {name: (state / name).read_bytes() for name in EMBEDDED}
    return product


def _fill(product: Product, *, demo_people: bool) -> None:
    product.manage("migrate", "--verbosity", "0")
    if demo_people:
        product.manage("load_demo")


def loose_limits(limits: dict[str, str]) -> str:
    """The setting `LIMITS` with which many journeys fit into one process."""
    return json.dumps(dict.fromkeys(limits, "1000000 per minute"))
