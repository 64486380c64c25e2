"""Seconds from the start of a web process to its first answer, as in production and with byte code at hand.

The floor is Python with an empty project of Django, set up and ended. `cpu` and `cpu_floor` are CPU seconds of both.
"""

import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from tests.bench import report
from tests.services.processes import private_directory
from tests.services.product import ROOT, environment, manage

SLICES = 7
HOST = "account.example.org"
Seconds = tuple[float, float]


def run() -> None:
    with private_directory("bench") as state:
        env = production(state)
        done = manage("collectstatic", "--noinput", env=env)
        assert done.returncode == 0, done.stderr
        empty = empty_project(state)
        pairs = [(first_answer(env), until_set_up(empty)) for _turn in range(SLICES + 1)]
        # The first slice writes the byte code.
        values, floors = zip(*pairs[1:], strict=True)
        report(
            "start",
            values=[wall for wall, _cpu in values],
            floors=[wall for wall, _cpu in floors],
            unit="s",
            n=SLICES,
            cpu=round(middle([cpu for _wall, cpu in values]), 3),
            cpu_floor=round(middle([cpu for _wall, cpu in floors]), 3),
        )


def production(state: Path) -> dict[str, str]:
    """No server is asked for the first page, so none runs."""
    return environment(
        state,
        MODE="production",
        SECRET_KEY="of-the-bench-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK",
        DATA_KEYS=Fernet.generate_key().decode(),
        HOSTS=HOST,
        SCOPE="example.org",
        DATABASE_URL="postgres://uregister@127.0.0.1:1/uregister",
        REDIS_URL="redis://127.0.0.1:1/0",
        EMAIL_URL="smtp://127.0.0.1:1",
        EMAIL_FROM="noreply@example.org",
        TRUSTED_PROXIES="1",
        STATIC_ROOT=str(state / "static"),
    )


def first_answer(env: dict[str, str]) -> Seconds:
    """gunicorn with one worker, from its start to the home page. The connection waits from the beginning."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "gunicorn", "uregister.wsgi", "--bind", f"fd://{descriptor}"]
        command += ["--no-control-socket", "--log-level", "critical"]
        before, cpu = time.perf_counter(), cpu_of_children()
        process = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[descriptor])
        try:
            headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
            answer = requests.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", headers=headers, timeout=60)
            wall = time.perf_counter() - before
            assert answer.status_code == 200, answer.text
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
    return wall, cpu_of_children() - cpu


def empty_project(state: Path) -> dict[str, str]:
    """The environment in which a project as Django makes it is found."""
    subprocess.run([sys.executable, "-m", "django", "startproject", "empty", state], check=True)
    env = environment(state) | {"DJANGO_SETTINGS_MODULE": "empty.settings", "PYTHONPATH": str(state)}
    return {name: value for name, value in env.items() if not name.startswith("UREGISTER_")}


def until_set_up(env: dict[str, str]) -> Seconds:
    before, cpu = time.perf_counter(), cpu_of_children()
    subprocess.run([sys.executable, "-c", "import django; django.setup()"], env=env, check=True)
    return time.perf_counter() - before, cpu_of_children() - cpu


def cpu_of_children() -> float:
    """Of all that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def middle(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]
