"""Forgets the attempts that came to nothing, and letters and requests that have long been of no use."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activation import progress
from activation.models import Activation, ActivationLetter, CorrectionRequest, QualityReport

# Attempts forgotten in one transaction.
BATCH = 500
KEEP_LETTERS = timedelta(days=90)
# Requests that are not open any more: long enough to be asked about a decision. An open one waits for its office.
KEEP_REQUESTS = timedelta(days=180)


def purge() -> dict[str, int]:
    """Delete what was typed in attempts that ended `settings.KEEP_ATTEMPTS_HOURS` ago, and what is settled.

    Their numbers are kept, see `activation.progress`. Returns how much of what went.
    """
    now = timezone.now()
    before = now - timedelta(hours=settings.KEEP_ATTEMPTS_HOURS)
    gone = 0
    while batch := _purge_some(before):
        gone += batch
    settled = CorrectionRequest.objects.exclude(state=CorrectionRequest.State.ASKED)
    old = {
        "letters": ActivationLetter.objects.filter(expires_at__lt=now - KEEP_LETTERS),
        "requests": settled.filter(created_at__lt=now - KEEP_REQUESTS),
        "reports": QualityReport.objects.filter(created_at__lt=now - KEEP_REQUESTS),
    }
    return {"attempts": gone} | {what: rows.delete()[0] for what, rows in old.items()}


@transaction.atomic
def _purge_some(before: datetime) -> int:
    # Of two at once the later one waits here and finds these gone, so that none is counted twice.
    old = Activation.objects.select_for_update(of=("self",)).filter(expires_at__lt=before).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    attempts = Activation.objects.filter(pk__in=keys)
    progress.keep_counts(attempts)
    attempts.delete()
    return len(keys)
