"""Celery's processes as an operator runs them: a worker that can be killed, and the beat that wakes the sweeper."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.processes import alive, running, wait_until
from tests.services.product import ROOT


@dataclass
class CeleryProcess:
    """`start`, `stop` and `kill` as often as the test likes; the log is kept through all of them."""

    arguments: list[str]
    env: dict[str, str]
    log: Path
    ready_text: str
    _resources: ExitStack = field(default_factory=ExitStack)
    pid: int = 0

    def start(self) -> None:
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start without waiting for it."""
        self._seen = len(self.text())
        command = [sys.executable, "-m", "celery", "-A", "uregister", *self.arguments]
        self._process = self._resources.enter_context(running(command, log=self.log, cwd=ROOT, env=self.env))
        self.pid = self._process.pid

    def wait(self) -> None:
        """Until it takes up work."""

        def ready() -> bool:
            alive(self._process, self.log)
            return self.ready_text in self.text()[self._seen :]

        wait_until(ready, f"celery {self.arguments[0]} is ready", seconds=60)

    def kill(self) -> None:
        """SIGKILL for the process and its children, which share its process group: nobody can clean up."""
        os.killpg(self.pid, signal.SIGKILL)
        self._resources.close()

    def stop(self) -> None:
        """The polite way: what is being done is finished first."""
        self._resources.close()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """To the process and its children."""
        os.killpg(self.pid, number)

    def text(self) -> str:
        """All that it logged."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


@contextmanager
def _celery(state: Path, name: str, arguments: list[str], env: dict[str, str], ready: str) -> Iterator[CeleryProcess]:
    process = CeleryProcess(arguments, env, state / f"{name}.log", ready)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def worker(
    state: Path,
    env: dict[str, str],
    *,
    name: str = "worker",
    level: str = "INFO",
    concurrency: int = 2,
    include: str = "",
) -> Iterator[CeleryProcess]:
    """A worker that is ready; `env` comes from `tests.services.product.environment`, the log lies in `state`.

    `include` names a module with more tasks.
    """
    arguments = ["worker", "--hostname", f"{name}@test", "--loglevel", level, "--concurrency", str(concurrency)]
    arguments += ["--include", include] if include else []
    # A worker that logs warnings only does not say when it is ready: then the caller has to wait for its work.
    ready = f"{name}@test ready." if level in ("INFO", "DEBUG") else ""
    with _celery(state, name, arguments, env, ready) as process:
        yield process


@contextmanager
def beat(state: Path, env: dict[str, str], *, level: str = "INFO") -> Iterator[CeleryProcess]:
    with _celery(state, "beat", ["beat", "--loglevel", level], env, "beat: Starting...") as process:
        yield process
