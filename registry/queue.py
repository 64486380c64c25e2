"""Hands imports to the workers; without a broker this process does the work, beside the request that asked for it."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)


def hand_over(task: str, work: Callable[[int], object], key: int) -> None:
    """Once the transaction is committed, have a worker do the task named so; without a broker do `work` here.

    While a broker is away nothing happens: the sweeper hands over again what still waits.
    """
    transaction.on_commit(partial(_hand_over, task, work, key))


def run_here(work: Callable[[int], object], key: int) -> None:
    """Do the work in this process. One after the other: an import has the database to itself anyhow."""
    _thread().submit(_run, work, key).add_done_callback(_report)


def _hand_over(task: str, work: Callable[[int], object], key: int) -> None:
    if not settings.REDIS_URL:
        run_here(work, key)
        return
    try:
        current_app.send_task(task, [key], retry=False)
    except (KombuError, OSError) as error:
        logger.warning(
            "The broker does not answer (%s): import %d waits for the sweeper", error.__class__.__name__, key
        )


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-without-broker")


def _run(work: Callable[[int], object], key: int) -> None:
    try:
        work(key)
    finally:
        # The thread may wait long for its next work: nothing would close its connections in time.
        connections.close_all()


def _report(future: Future[Any]) -> None:
    if error := future.exception():
        logger.error("An import without the broker failed", exc_info=error)
