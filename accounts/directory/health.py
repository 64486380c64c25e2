"""Whether the directory keeps up with the accounts, from what the workers noted: no server is asked."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.directory.claims import AWAY
from accounts.directory.sync import OWNERS_MATTERS
from accounts.models import DirectoryEntry

# An entry is written within a second; one that a worker took down with it, after the lease.
LONG = timedelta(seconds=120)

State = DirectoryEntry.State


def is_degraded() -> bool:
    """The directory did not answer the last time, entries have waited long, or it refuses some; one query.

    Not counted is what the directory cannot help: a record that makes no entry, a password that its owner has to
    choose anew, a name that belongs to a stranger.
    """
    if not settings.DIRECTORY:
        return False
    waits = Q(state=State.WAITING, waiting_since__lt=timezone.now() - LONG)
    refused = Q(state=State.REFUSED) & ~Q(error__in=[*OWNERS_MATTERS, "unfit"])
    return DirectoryEntry.objects.filter(waits | refused | Q(error=AWAY)).exclude(state=State.EQUAL).exists()
