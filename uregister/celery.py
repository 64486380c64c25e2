"""The Celery application: `celery -A uregister worker`, `celery -A uregister beat`."""

import os
import time

from celery import Celery, signals
from django.db import close_old_connections

from uregister import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uregister.settings")

app = Celery("uregister")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="uregister.heartbeat")
def note_heartbeat() -> None:
    heartbeat.beat()


@signals.worker_ready.connect
def note_arrival(**_signal: object) -> None:
    heartbeat.beat()


@signals.heartbeat_sent.connect
@signals.beat_init.connect
def show_life(**_signal: object) -> None:
    """A worker's heart beats every two seconds, while it is in touch with the queue."""
    heartbeat.show_life()


@signals.beat_init.connect
def show_life_with_each_task(**_signal: object) -> None:
    """Beat has no heart: it lives while it hands out tasks."""
    signals.before_task_publish.connect(show_life)


# Seconds after which a connection that worked is no longer taken for a good one.
TRUSTED_FOR = 1.0
_checked_at = float("-inf")


def keep_good_connections(**_signal: object) -> None:
    """Before a task, as before a request: connections that are too old or broken are opened anew."""
    global _checked_at  # noqa: PLW0603 # The memory of one process, see TRUSTED_FOR.
    if time.monotonic() - _checked_at > TRUSTED_FOR:
        close_old_connections()
        _checked_at = time.monotonic()


def distrust_connections(**_signal: object) -> None:
    """After a task that failed: its connection may be the reason."""
    global _checked_at  # noqa: PLW0603 # See above.
    _checked_at = float("-inf")


signals.task_prerun.connect(keep_good_connections)
signals.task_failure.connect(distrust_connections)
