"""What the workers do for the registry."""

import logging

from celery import shared_task

from registry import import_jobs, insurance_checks

logger = logging.getLogger(__name__)


@shared_task(name="registry.ask_amka_service")
def ask_amka_service() -> None:
    """Ask about the AMKAs that were accepted while the service was away."""
    insurance_checks.ask_pending()


@shared_task(name=import_jobs.TASK)
def do_import(key: int) -> None:
    """Read, plan, apply or undo an import, whatever is its next step."""
    import_jobs.do(key)


@shared_task(name="registry.look_after_imports")
def look_after_imports() -> None:
    """Begin the readings whose time has come, and take up what was left behind."""
    import_jobs.read_due_views()
    import_jobs.sweep()


@shared_task(name="registry.purge")
def purge() -> None:
    logger.info("Purged: %s", import_jobs.purge())
