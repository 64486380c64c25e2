"""A private Redis that writes nothing to disk."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.processes import alive, answers, free_port, private_directory, running, wait_until


@dataclass
class RedisServer:
    """Can be stopped (it refuses connections), paused (it does not answer them), and started again, empty."""

    port: int
    directory: Path
    _resources: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        log = self.directory / "log"
        process = self._resources.enter_context(running([*command, "--dir", str(self.directory)], log=log))
        self._process = process
        self.pid = process.pid

        def ready() -> bool:
            alive(process, log)
            return answers(self.port)

        wait_until(ready, "Redis answers")

    def stop(self) -> None:
        self._resources.close()

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    with private_directory("redis") as directory:
        server = RedisServer(free_port(), directory)
        server.start()
        try:
            yield server
        finally:
            server.resume()
            server.stop()


@contextmanager
def redis() -> Iterator[str]:
    """Yields the address of one that just runs, `redis://127.0.0.1:…/0`."""
    with redis_server() as server:
        yield server.url
