"""What the workers do for the activation."""

from celery import shared_task

from activation import purging, quality_mail


@shared_task(name="activation.purge")
def purge() -> None:
    purging.purge()


@shared_task(name="activation.report_quality")
def report_quality() -> None:
    """Send each office the report that is due, if the operator wants them."""
    quality_mail.send_due()
