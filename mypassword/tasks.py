"""What the workers do for MyPassword."""

from celery import shared_task

from mypassword import purging


@shared_task(name="mypassword.purge")
def purge() -> None:
    purging.purge()
