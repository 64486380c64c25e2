"""Forgets the attempts to recover a password, and codes that have long been of no use."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from mypassword.models import Recovery, ResetCode


def purge() -> dict[str, int]:
    """Delete recoveries that ended `KEEP_ATTEMPTS_HOURS` ago, and reset codes that ended `KEEP_MESSAGES_DAYS` ago.

    Returns how many of each went. What was done stays in the audit trail.
    """
    now = timezone.now()
    attempts = Recovery.objects.filter(expires_at__lt=now - timedelta(hours=settings.KEEP_ATTEMPTS_HOURS))
    codes = ResetCode.objects.filter(expires_at__lt=now - timedelta(days=settings.KEEP_MESSAGES_DAYS))
    return {"recoveries": attempts.delete()[0], "reset codes": codes.delete()[0]}
