"""Hands tasks to the workers; when the broker does not answer, says so at once instead of waiting for it."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import Timer
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import connections
from kombu import pools
from kombu.exceptions import KombuError

from accounts import throttle

logger = logging.getLogger(__name__)

# After a failure nobody asks the broker for so many seconds, so that only one request pays for the time-out.
PAUSE = 5.0
# Seconds that a request may wait for the broker to take a task; workers read more patiently.
PATIENCE = 0.25
_down_until = 0.0


def is_configured() -> bool:
    return bool(settings.REDIS_URL)


def publish(task: str, *keys: UUID, countdown: float | None = None) -> bool:
    """Queue a task by its name, with the keys of rows; False when the broker does not take it."""
    global _down_until  # noqa: PLW0603 # The memory of one process, see PAUSE.
    if not is_configured() or time.monotonic() < _down_until or not throttle.redis_answers():
        return False
    try:
        with _producers().acquire(block=True, timeout=PATIENCE) as producer:
            current_app.send_task(task, [str(key) for key in keys], countdown=countdown, retry=False, producer=producer)
    except (KombuError, OSError) as error:
        _down_until = time.monotonic() + PAUSE
        logger.warning("The broker does not answer (%s): the work is done in this process", error.__class__.__name__)
        return False
    return True


def run_here(work: Callable[..., Any], *keys: UUID, countdown: float = 0) -> None:
    """Do the work in this process, beside the request that asked for it; in `countdown` seconds if given."""
    if countdown:
        timer = Timer(countdown, run_here, [work, *keys])
        timer.daemon = True
        timer.start()
        return
    _threads().submit(_run, work, *keys).add_done_callback(_report)


@cache
def _producers() -> Any:
    """Lines to the broker that give up sooner than those of the workers."""
    impatient = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    return pools.producers[current_app.connection_for_write(transport_options=impatient)]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="without-broker")


def _run(work: Callable[..., Any], *keys: UUID) -> None:
    try:
        work(*keys)
    finally:
        # The thread may wait long for its next work: nothing would close its connections in time.
        connections.close_all()


def _report(future: Future[Any]) -> None:
    if error := future.exception():
        logger.error("Work without the broker failed", exc_info=error)
