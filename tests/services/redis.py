"""A private Redis that writes nothing to disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.processes import alive, answers, free_port, private_directory, running, wait_until


@contextmanager
def redis() -> Iterator[str]:
    """Yields its address, `redis://127.0.0.1:…/0`."""
    port = free_port()
    with private_directory("redis") as directory:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        log = directory / "log"
        with running([*command, "--dir", str(directory)], log=log) as process:

            def ready() -> bool:
                alive(process, log)
                return answers(port)

            wait_until(ready, "Redis answers")
            yield f"redis://127.0.0.1:{port}/0"
