"""What the workers do for the activation."""

from celery import shared_task

from activation import purging


@shared_task(name="activation.purge")
def purge() -> None:
    purging.purge()
