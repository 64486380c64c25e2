"""Messages per second through one worker with a gateway that answers at once; the floor is an empty task.

Both lie in the queue before the worker may begin: it is stopped meanwhile, as a person stops a job with Ctrl-Z.
"""

import signal
import sys
import time
import uuid
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

from redis import Redis

from tests.bench import report, use
from tests.services.postgresql import postgresql
from tests.services.processes import answers, free_port, private_directory, running, wait_until
from tests.services.product import ROOT, manage
from tests.services.redis import redis
from tests.services.worker import CeleryProcess, worker

SLICES = 7
EACH = 100
# As `uregister.settings` has them.
PROCESSES = 8


def run() -> None:
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        broker, port = resources.enter_context(redis()), free_port()
        env = use(
            state,
            DATABASE_URL=resources.enter_context(postgresql()),
            REDIS_URL=broker,
            SMS_GATEWAYS="http",
            HTTP_SMS_URL=f"http://127.0.0.1:{port}/send",
            HTTP_SMS_SUCCESS='"status": "OK"',
            LOG_LEVEL="WARNING",
        )
        gateway = [sys.executable, "-m", "tests.bench.gateway", str(port)]
        resources.enter_context(running(gateway, log=state / "gateway.log", cwd=ROOT))
        wait_until(lambda: answers(port), "the gateway answers")
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        hands = resources.enter_context(
            worker(state, env, level="WARNING", include="tests.bench.tasks", concurrency=PROCESSES)
        )
        queue = resources.enter_context(Redis.from_url(broker))
        measure(hands, queue)


def measure(hands: CeleryProcess, queue: "Redis[bytes]") -> None:
    from accounts.models import Message

    values, floors = [], []
    for turn in range(SLICES + 1):
        floor = rate(hands, queue, "bench.empty", [uuid.uuid4() for _each in range(EACH)])
        value = rate(hands, queue, "accounts.send_message", queued_messages(EACH))
        if turn:  # The first slice warms up.
            floors.append(floor)
            values.append(value)
    sent = Message.objects.filter(state=Message.State.SENT, secret="").count()
    assert sent == EACH * (SLICES + 1), f"only {sent} messages were sent"
    report("messages", values=values, floors=floors, unit="1/s", n=EACH * SLICES)


def rate(hands: CeleryProcess, queue: "Redis[bytes]", task: str, keys: list[UUID]) -> float:
    """Tasks per second, from the moment when the worker may begin until the last one is acknowledged."""
    from celery import current_app

    hands.signal(signal.SIGSTOP)
    with current_app.connection_for_write() as connection, connection.Producer() as producer:
        for key in keys:
            current_app.send_task(task, [str(key)], producer=producer)
    before = time.perf_counter()
    hands.signal(signal.SIGCONT)
    wait_until(lambda: not queue.llen("celery") and not queue.hlen("unacked"), f"{task} is done", seconds=120)
    return len(keys) / (time.perf_counter() - before)


def queued_messages(count: int) -> list[UUID]:
    """Rows as `accounts.pins.issue` leaves them, made in bulk."""
    from django.utils import timezone

    from accounts.models import Message, Pin
    from registry.models import Person

    person, now = Person.objects.create(), timezone.now()
    life = {"created_at": now, "expires_at": now + timedelta(minutes=15)}
    pins = [
        Pin(purpose="activation", binding=uuid.uuid4().hex, person=person, digest="0" * 64, reference="KM", **life)
        for _each in range(count)
    ]
    Pin.objects.bulk_create(pins)
    messages = [
        Message(
            template="activation", language="el", channel="sms", destination=f"+30690000{turn:04}", pin=pin,
            secret="048213",
        )
        for turn, pin in enumerate(pins)
    ]  # fmt: skip
    Message.objects.bulk_create(messages)
    return [message.pk for message in messages]
