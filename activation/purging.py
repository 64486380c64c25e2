"""Forgets the attempts that came to nothing."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from activation.models import Activation


def purge() -> int:
    """Delete what was typed in attempts that ended `settings.KEEP_ATTEMPTS_HOURS` ago; returns how many went."""
    before = timezone.now() - timedelta(hours=settings.KEEP_ATTEMPTS_HOURS)
    deleted, _details = Activation.objects.filter(expires_at__lt=before).delete()
    return deleted
