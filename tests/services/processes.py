"""Programs that live as long as a `with` block, and not longer than the test run."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # prctl(2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(holds: Callable[[], object], what: str, *, seconds: float = 30) -> None:
    """Ask again and again, with pauses of 20 ms; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not after {seconds:g} s")
        time.sleep(0.02)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def unprivileged_user() -> str | None:
    """Whom to be for servers that refuse to run as root; None where we are not root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@contextlib.contextmanager
def private_directory(name: str, *, owner: str | None = None) -> Iterator[Path]:
    """A directory directly under /tmp: the paths of Unix sockets are limited to 107 bytes."""
    with tempfile.TemporaryDirectory(prefix=f"uregister-{name}-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        if owner:
            os.chown(directory, pwd.getpwnam(owner).pw_uid, -1)
        yield Path(directory)


@contextlib.contextmanager
def running(
    command: Sequence[str], *, log: Path, stop: signal.Signals = signal.SIGTERM, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """The program in a session of its own (Ctrl-C is ours to handle); the kernel stops it should we be killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(libc.prctl, PR_SET_PDEATHSIG, int(stop)),  # noqa: PLW1509 - one system call, no lock
            **options,
        )
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def alive(process: subprocess.Popen[bytes], log: Path) -> None:
    """Raises `RuntimeError` with what the program printed when it has ended."""
    if process.poll() is not None:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}:\n{log.read_text(errors='replace')}")
