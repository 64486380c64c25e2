"""What the workers do for MyPassword."""

import logging

from celery import shared_task

from mypassword import purging

logger = logging.getLogger(__name__)


@shared_task(name="mypassword.purge")
def purge() -> None:
    logger.info("Purged: %s", purging.purge())
