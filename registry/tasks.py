"""What the workers do for the registry."""

from celery import shared_task

from registry import insurance_checks


@shared_task(name="registry.ask_amka_service")
def ask_amka_service() -> None:
    """Ask about the AMKAs that were accepted while the service was away."""
    insurance_checks.ask_pending()
