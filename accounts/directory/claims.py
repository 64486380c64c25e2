"""Which entries a worker takes up, and what it notes of them: few statements, however many the entries.

A worker claims entries in one statement, for the time of a lease, so several do not get in each other's way; what a
killed one held is due again when the lease has run out. A note counts only while the lease does: whoever comes too
late wrote beside somebody else, and has the entries looked at once more.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Field, Value, When
from django.utils import timezone

from accounts.models import Account, DirectoryEntry

logger = logging.getLogger(__name__)

State = DirectoryEntry.State
# Entries that are claimed, looked up and written together.
BATCH = 200
# Seconds for which nobody asks a directory that did not answer; then one entry is tried before the others.
PAUSE = timedelta(seconds=5)
AWAY = "away"
# Until the next try after the directory was busy.
BACKOFF = (2, 5, 10, 20, 40, 60)
# Until the next look at what the directory refuses or a stranger holds: somebody may have mended it there.
AGAIN = timedelta(minutes=30)

# Django's own language can't say that an update returns rows. The condition is literally that of the index.
CLAIM = """
    UPDATE accounts_directoryentry SET lease = %s, due_at = %s, tries = tries + 1 WHERE id IN (
        SELECT id FROM accounts_directoryentry
        WHERE NOT (state = 'equal') AND due_at <= %s AND NOT EXISTS (
            SELECT 1 FROM accounts_directoryentry WHERE error = 'away' AND due_at > %s
        )
        ORDER BY password_due DESC, due_at LIMIT %s {skip_locked}
    ) RETURNING *
"""
# The state holds for the revision that was written; what was wanted meanwhile is due at once.
NOTE = """
    UPDATE accounts_directoryentry SET
        lease = NULL, dn = %s, username = %s, entry_uuid = %s, password_written = %s, error = %s, answer = %s,
        written = CASE WHEN %s = 'equal' THEN %s ELSE written END,
        written_at = CASE WHEN %s = 'equal' THEN %s ELSE written_at END,
        tries = CASE WHEN %s = 'equal' THEN 0 ELSE tries END,
        password_due = CASE WHEN wanted = %s AND %s = 'equal' THEN %s ELSE password_due END,
        waiting_since = CASE WHEN wanted = %s AND %s = 'equal' THEN NULL ELSE waiting_since END,
        due_at = CASE WHEN wanted = %s THEN %s ELSE %s END,
        state = CASE WHEN wanted = %s THEN %s ELSE 'waiting' END
    WHERE id = %s AND lease = %s
"""


@dataclass(slots=True)
class Claim:
    """Entries that are ours until `until`."""

    lease: uuid.UUID
    until: datetime
    entries: list[DirectoryEntry]


@dataclass(slots=True)
class Outcome:
    """What became of an entry: equal, or why not."""

    entry: DirectoryEntry
    state: str = State.EQUAL
    error: str = ""
    answer: str = ""

    def due_at(self, now: datetime) -> datetime:
        if self.state == State.WAITING:
            return now + timedelta(seconds=BACKOFF[min(self.entry.tries, len(BACKOFF)) - 1])
        return now + AGAIN


@transaction.atomic
def raise_wanted(accounts: Sequence[int], *, password: bool = False) -> None:
    """One more revision of the entries of these accounts; entries that are missing are made.

    An entry that a worker holds stays its own: when it notes what it wrote, the entry is due again.
    """
    now = Value(timezone.now(), DateTimeField())
    changes: dict[str, Any] = {"password_due": True} if password else {}
    raised = DirectoryEntry.objects.filter(account__in=accounts).update(
        wanted=F("wanted") + 1,
        waiting_since=Case(When(state=State.WAITING, then=F("waiting_since")), default=now),
        state=State.WAITING,
        due_at=Case(When(lease=None, then=now), default=F("due_at")),
        tries=0,
        error="",
        answer="",
        **changes,
    )
    if raised < len(accounts):
        without = Account.objects.filter(pk__in=accounts, person__isnull=False, directory_entry=None)
        missing = [DirectoryEntry(account_id=pk) for pk in without.values_list("pk", flat=True)]
        DirectoryEntry.objects.bulk_create(missing, ignore_conflicts=True)


def claim(most: int) -> Claim | None:
    """Take up what is due, passwords first; None when nothing is, or while the directory rests, see `PAUSE`."""
    now, lease = timezone.now(), uuid.uuid4()
    until = now + timedelta(seconds=settings.DIRECTORY_LEASE)
    skip_locked = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    moment = [_prepared("due_at", value) for value in (until, now, now)]
    values = [_prepared("lease", lease), *moment, most]
    entries = list(DirectoryEntry.objects.raw(CLAIM.format(skip_locked=skip_locked), values))
    return Claim(lease, until, entries) if entries else None


def is_away() -> bool:
    """Whether the directory did not answer the last time."""
    return DirectoryEntry.objects.filter(error=AWAY).exists()


def release(claimed: Claim) -> None:
    """Give the entries back, because the directory does not answer."""
    ours = DirectoryEntry.objects.filter(pk__in=[entry.pk for entry in claimed.entries], lease=claimed.lease)
    ours.update(lease=None, due_at=timezone.now() + PAUSE, state=State.WAITING, error=AWAY, answer="")


def note(claimed: Claim, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of the entries, their `dn`, `username`, `entry_uuid` and `password_written` too."""
    now = timezone.now()
    rows = [_noted(outcome, claimed.lease, now) for outcome in outcomes]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(NOTE, rows)
        if cursor.rowcount < len(rows):
            logger.warning("A lease of directory entries ran out before they were written: they are looked at again")
            raise_wanted([outcome.entry.account_id for outcome in outcomes])


def _noted(outcome: Outcome, lease: uuid.UUID, now: datetime) -> list[Any]:
    entry, state, revision = outcome.entry, outcome.state, outcome.entry.wanted
    moment, due_at = _prepared("due_at", now), _prepared("due_at", outcome.due_at(now))
    return [
        *(entry.dn, entry.username, entry.entry_uuid, entry.password_written),
        *(outcome.error, outcome.answer[:500]),
        *(state, revision),
        *(state, moment),
        state,
        *(revision, state, False),
        *(revision, state),
        *(revision, due_at, moment),
        *(revision, state),
        *(entry.pk, _prepared("lease", lease)),
    ]


def _prepared(name: str, value: object) -> Any:
    field = DirectoryEntry._meta.get_field(name)  # noqa: SLF001 - public and documented despite its name
    return cast("Field[Any, Any]", field).get_db_prep_value(value, connection)
