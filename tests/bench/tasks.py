"""The floor of the queue: a task that does nothing."""

from celery import shared_task


@shared_task(name="bench.empty")
def empty(key: str) -> None:
    pass
