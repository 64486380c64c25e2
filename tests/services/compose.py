"""The services of docker-compose.yml as processes of this machine: their own commands, settings and health checks.

No container engine is needed. What a container would give to a process is put in its place: directories of the test
for volumes, secrets and temporary files, free ports on loopback for the names of other services. PostgreSQL is the
one of `tests.services.postgresql`, since its image brings a start of its own.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import yaml

from tests.services import postgresql
from tests.services.certificates import authority
from tests.services.processes import alive, free_port, running, wait_until
from tests.services.product import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# Whose image is built here, from the Dockerfile at the top.
OURS = ("web", "worker", "beat", "migrate")
PORTS = {"web": "8000", "redis": "6379"}


def settings_file(path: Path) -> dict[str, str]:
    """What a file such as .env sets."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled(text: str, given: Mapping[str, str]) -> str:
    """The text with `${NAME:?why}` filled in. Raises `ValueError` for what is not set."""

    def value(match: re.Match[str]) -> str:
        name, why = match.groups()
        if not given.get(name):
            raise ValueError(f"{name}: {why}")
        return given[name]

    return re.sub(r"\$\{(\w+):\?([^}]+)\}", value, text)


@dataclass
class Composed:
    """`directory` is the operator's: with .env and secrets/ as `deploy/secrets` writes them."""

    directory: Path
    database: postgresql.PostgresqlServer
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _resources: dict[str, ExitStack] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def socket_url(self) -> str:
        """Of the directory."""
        return f"ldapi://{quote(str(self.directory / 'directory-socket/ldapi'), safe='')}"

    def secret(self, name: str) -> str:
        return (self.directory / "secrets" / name).read_text(encoding="utf-8").strip()

    # ---- What the file says -----------------------------------------------------------------------------------------

    def here(self, service: str, text: str) -> str:
        """Paths and addresses of the container as they are here; each is replaced once."""
        spec = SERVICES[service]
        paths = {"/run/secrets": self.directory / "secrets", "/app/staticfiles": self.directory / "static"}
        paths |= dict.fromkeys(spec.get("tmpfs", []), self.directory / service)
        for volume in spec.get("volumes", []):
            source, path, *_options = volume.split(":")
            paths[path] = self.directory / source
        replaced = {path: str(place) for path, place in paths.items()}
        replaced |= {quote(path, safe=""): quote(str(place), safe="") for path, place in paths.items()}
        replaced["/openldap/start"] = str(ROOT / "deploy/openldap/start")
        for host, port in (("127.0.0.1", "web"), ("0.0.0.0", "web"), ("redis", "redis")):
            replaced[f"{host}:{PORTS[port]}"] = f"127.0.0.1:{self.ports[port]}"
        longest_first = sorted(replaced, key=len, reverse=True)
        found = rf"(?<![\w%])({'|'.join(map(re.escape, longest_first))})(?![\w.-])"
        return re.sub(found, lambda match: replaced[match[0]], filled(text, settings_file(self.directory / ".env")))

    def command(self, service: str) -> list[str]:
        if service == "openldap":
            dockerfile = (ROOT / "deploy/openldap/Dockerfile").read_text(encoding="utf-8")
            entry = re.search(r"^ENTRYPOINT (.+)$", dockerfile, re.MULTILINE)
            assert entry
            return [self.here(service, part) for part in json.loads(entry[1])]
        command = shlex.split(self.here(service, SERVICES[service]["command"]))
        if service == "redis":
            command += ["--bind", "127.0.0.1", "--port", str(self.ports[service]), "--dir", str(self.directory)]
        return command

    def environment(self, service: str) -> dict[str, str]:
        """All that the process gets to see, but for `PATH`."""
        spec = SERVICES[service]
        env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"}
        if service in OURS:
            image = re.search(r"^ENV .*(UREGISTER_STATIC_ROOT)=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
            assert image
            env[image[1]] = self.here(service, image[2])
        if "env_file" in spec:
            written = settings_file(self.directory / spec["env_file"])
            env |= {name: self.here(service, value) for name, value in written.items()}
        return env | {name: self.here(service, str(value)) for name, value in spec.get("environment", {}).items()}

    def is_healthy(self, service: str) -> bool:
        """What the service's own health check says."""
        kind, *command = SERVICES[service]["healthcheck"]["test"]
        command = [self.here(service, part) for part in command]
        env = self.environment(service)
        if service == "postgres":
            env["PGPORT"] = str(self.database.port)
        if service == "redis":
            command = [command[0].replace("redis-cli", f"redis-cli -p {self.ports['redis']}")]
        shell = ["sh", "-c"] if kind == "CMD-SHELL" else []
        return subprocess.run([*shell, *command], cwd=ROOT, env=env, capture_output=True, check=False).returncode == 0

    # ---- Running it -------------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Start every service when those that it waits for are as it wants them, and wait until all are healthy."""
        graph = {name: set(spec.get("depends_on", {})) for name, spec in SERVICES.items()}
        for service in TopologicalSorter(graph).static_order():
            for other, wanted in SERVICES[service].get("depends_on", {}).items():
                self._wait_for(other, wanted["condition"])
            self.start(service)
        for service in SERVICES:
            if service != "migrate":
                self._wait_for(service, "service_healthy")

    def start(self, service: str) -> None:
        if service == "postgres":
            self.database.start()
            with psycopg.connect(self.database.url, autocommit=True) as line:
                line.execute("CREATE DATABASE uregister")
            return
        (self.directory / service).mkdir(exist_ok=True)
        resources = self._resources[service] = ExitStack()
        self.processes[service] = resources.enter_context(
            running(self.command(service), log=self.log(service), cwd=ROOT, env=self.environment(service))
        )

    def kill(self, service: str) -> None:
        """With the children, which share its process group."""
        os.killpg(self.processes[service].pid, signal.SIGKILL)
        self._resources[service].close()

    def down(self) -> None:
        # All of ours at once, while what they are in touch with still answers.
        for service in OURS:
            if service in self.processes:
                self.processes[service].terminate()
        for resources in reversed(self._resources.values()):
            resources.close()
        self.database.stop()

    def log(self, service: str) -> Path:
        return self.directory / f"{service}.log"

    def run(self, service: str, command: str) -> str:
        """As `docker compose exec SERVICE COMMAND`: what it printed; it has to succeed."""
        env = self.environment(service)
        done = subprocess.run(shlex.split(command), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _wait_for(self, service: str, condition: str) -> None:
        if condition == "service_completed_successfully":
            assert self.processes[service].wait(60) == 0, self.log(service).read_text(encoding="utf-8")
            return

        def ready() -> bool:
            if service in self.processes:
                alive(self.processes[service], self.log(service))
            # Each is a program of its own: more of them would only keep away what is waited for.
            time.sleep(0.2)
            return self.is_healthy(service)

        wait_until(ready, f"{service} is healthy", seconds=60)


@contextmanager
def composed(directory: Path, *, email_url: str) -> Iterator[Composed]:
    """Everything running, in production mode, for account.uni.example; in `directory`, whose path has to be short."""
    subprocess.run([ROOT / "deploy/secrets", "account.uni.example", "uni.example"], cwd=directory, check=True)
    secrets = directory / "secrets"
    (secrets / "email_url").write_text(email_url, encoding="utf-8")
    with (directory / ".env").open("a", encoding="utf-8") as env:
        env.write("UREGISTER_WORKER_PROCESSES=2\n")
        # As an institution with an authority of its own sets it; every process looks whether it can read the file.
        env.write("UREGISTER_DIRECTORY_CA=/certificates/ca.pem\n")
    (directory / "certificates/ca.pem").write_bytes(authority("Example CA").certificate_pem)
    with postgresql.prepared_server() as database:
        address = (secrets / "database_url").read_text(encoding="utf-8")
        (secrets / "database_url").write_text(address.replace("@postgres/", f"@127.0.0.1:{database.port}/"))
        for name in COMPOSE["volumes"]:
            (directory / name).mkdir()
        stack = Composed(directory, database)
        try:
            stack.run("web", "python manage.py collectstatic --noinput")
            stack.up()
            yield stack
        finally:
            stack.down()
