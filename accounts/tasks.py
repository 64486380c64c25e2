"""What the workers do. Tasks take keys, may run twice, and are as thin as views."""

import logging
from uuid import UUID

from celery import shared_task
from django.conf import settings

from accounts import lifecycle, purging
from accounts.directory import sync
from accounts.messages import alarm, send

logger = logging.getLogger(__name__)


@shared_task(name="accounts.send_message")
def send_message(key: str) -> None:
    send.deliver(UUID(key))


@shared_task(name="accounts.sweep_messages")
def sweep_messages() -> None:
    """Take up what a killed worker or a lost broker left behind."""
    send.sweep()


@shared_task(name="accounts.write_entries")
def write_entries() -> None:
    """Write what is due into the directory: a change was just committed."""
    sync.write_due()


@shared_task(name="accounts.sweep_entries")
def sweep_entries() -> None:
    """Write what waits for the directory, what a killed worker held, and what was refused some time ago."""
    sync.write_due(seconds=settings.DIRECTORY_SWEEP)


@shared_task(name="accounts.follow_records")
def follow_records() -> None:
    """Accounts follow the records of their people: changes, ends, returns."""
    lifecycle.follow()


@shared_task(name="accounts.watch_pins")
def watch_pins() -> None:
    alarm.watch_pins()


@shared_task(name="accounts.purge")
def purge() -> None:
    logger.info("Purged: %s", purging.purge())


@shared_task(name="accounts.watch_imports")
def watch_imports() -> None:
    alarm.watch_imports()
