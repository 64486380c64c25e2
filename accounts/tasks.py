"""What the workers do. Tasks take keys, may run twice, and are as thin as views."""

from uuid import UUID

from celery import shared_task

from accounts import purging
from accounts.messages import alarm, send


@shared_task(name="accounts.send_message")
def send_message(key: str) -> None:
    send.deliver(UUID(key))


@shared_task(name="accounts.sweep_messages")
def sweep_messages() -> None:
    """Take up what a killed worker or a lost broker left behind."""
    send.sweep()


@shared_task(name="accounts.watch_pins")
def watch_pins() -> None:
    alarm.watch_pins()


@shared_task(name="accounts.purge")
def purge() -> None:
    purging.purge()
