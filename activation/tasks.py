"""What the workers do for the activation."""

import logging

from celery import shared_task

from activation import purging, quality_mail

logger = logging.getLogger(__name__)


@shared_task(name="activation.purge")
def purge() -> None:
    logger.info("Purged: %s", purging.purge())


@shared_task(name="activation.report_quality")
def report_quality() -> None:
    """Send each office the report that is due, if the operator wants them."""
    quality_mail.send_due()
