"""An operator has entries tried again at once, instead of when their pause is over."""

from collections.abc import Iterable

from django.db import transaction

from accounts import audit
from accounts.directory import sync
from accounts.models import Account, DirectoryEntry

State = DirectoryEntry.State


@transaction.atomic
def retry(entries: Iterable[DirectoryEntry], *, actor: Account, address: str | None = None) -> int:
    """Have those of the entries that are not equal looked at anew; returns how many.

    Each of them comes with its account and that one's person.
    """
    chosen = [entry for entry in entries if entry.state != State.EQUAL]
    sync.want([entry.account_id for entry in chosen])
    for entry in chosen:
        details = {"state": entry.state, "error": entry.error}
        account, person = entry.account, entry.account.person
        audit.record("directory.retried", actor=actor, account=account, person=person, address=address, details=details)
    return len(chosen)
