"""Makes the directory equal to what it should hold of each account.

Whoever changes something that the entry shows calls `want` in the same transaction. After the commit a worker takes
up what is due (claims.py), composes the entries, looks at what is there, and sends what differs (difference.py), for
many entries at once and over one line. All of it may happen twice, or be cut off anywhere: the next one looks again.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction

from accounts.directory import DirectoryAway, Refused, claims, entry
from accounts.directory.batch import Batch
from accounts.directory.claims import BATCH, Claim, Outcome
from accounts.directory.difference import Desired
from accounts.directory.line import line
from accounts.directory.names import dn_of
from accounts.messages import alarm, broker
from accounts.models import Account, DirectoryEntry
from registry.models import Affiliation

logger = logging.getLogger(__name__)

State = DirectoryEntry.State
TASK = "accounts.write_entries"
# So long the directory may be away before the operator is called.
PATIENCE = timedelta(minutes=5)
# Refusals of a password that only its owner can do something about. `quality` and `short` are not among them: a policy
# that refuses all hashes answers so to everybody.
OWNERS_MATTERS = ("history", "young", "locked")


def want(accounts: Iterable[int], *, password: bool = False) -> None:
    """Have the entries of these accounts (their keys) written once the transaction is committed.

    With `password` they come before all others. Accounts that are no person's have no entry.
    """
    keys = list(accounts)
    for start in range(0, len(keys), 1000):
        claims.raise_wanted(keys[start : start + 1000], password=password)
    if keys:
        transaction.on_commit(wake)


def begin(account: Account) -> None:
    """The account is new: have its entry written once the transaction is committed."""
    DirectoryEntry.objects.create(account=account)
    transaction.on_commit(wake)


def wake() -> None:
    """Have what is due written: by a worker, or by this process when there is no broker."""
    if not settings.DIRECTORY or broker.publish(TASK):
        return
    if not broker.is_configured() and settings.DIRECTORY == "embedded":
        write_due()
    else:
        broker.run_here(write_due)


def write_due(*, seconds: float = 0) -> int:
    """Write what is due, batch after batch for so long, or one batch; returns how many entries were looked after.

    While the directory is away one entry is tried before the others are.
    """
    if not settings.DIRECTORY:
        return 0
    deadline, done = monotonic() + seconds, 0
    most = 1 if claims.is_away() else BATCH
    while claimed := claims.claim(most):
        try:
            _write(claimed)
        except (DirectoryAway, Refused) as away:
            _give_back(claimed, away)
            break
        done += len(claimed.entries)
        if monotonic() >= deadline and most == BATCH:
            break
        most = BATCH
    return done


def _give_back(claimed: Claim, away: Exception) -> None:
    claims.release(claimed)
    logger.warning("The directory does not answer (%s): what waits is tried again", away)
    since = [entry.waiting_since for entry in claimed.entries if entry.waiting_since]
    if since and claimed.until - min(since) > PATIENCE + timedelta(seconds=settings.DIRECTORY_LEASE):
        alarm.ring("directory-away", "The directory has not answered for minutes; what waits for it is kept.")
    if not broker.is_configured():
        broker.run_here(write_due, countdown=claims.PAUSE.total_seconds() + 0.5)


# ---- One batch ------------------------------------------------------------------------------------------


def desired_of(accounts: Sequence[int]) -> dict[int, Desired | entry.Unfit]:
    """What the directory should hold of each account, by its key; two queries."""
    records: dict[int | None, list[Affiliation]] = {}
    for record in Affiliation.objects.filter(person__account__in=accounts).select_related("department"):
        records.setdefault(record.person_id, []).append(record)
    found: dict[int, Desired | entry.Unfit] = {}
    for account in Account.objects.filter(pk__in=accounts, person__isnull=False):
        try:
            found[account.pk] = compose(account, records.get(account.person_id, []))
        except entry.Unfit as unfit:
            found[account.pk] = unfit
    return found


def compose(account: Account, records: Sequence[Affiliation]) -> Desired:
    """The account's entry; `records` are all of its person. Raises `entry.Unfit`."""
    return Desired(
        dn=dn_of(account.username),
        username=account.username,
        attributes=entry.compose(account, records),
        classes=entry.object_classes(),
        password=entry.password_value(account),
        opened_at=account.created_at,
    )


def _write(claimed: Claim) -> None:
    """Make the entries equal and note it. Raises `DirectoryAway`, or `Refused` where we may not even look."""
    wishes = desired_of([row.account_id for row in claimed.entries])
    try:
        outcomes = _over_the_line(claimed, wishes)
    except DirectoryAway:
        # A line that was kept may have been cut meanwhile: once more over a new one.
        outcomes = _over_the_line(claimed, wishes)
    before = {row.pk: row.state for row in claimed.entries}
    claims.note(claimed, outcomes)
    for outcome in outcomes:
        if outcome.error and outcome.state != before[outcome.entry.pk]:
            _tell(outcome)


def _over_the_line(claimed: Claim, wishes: Mapping[int, Desired | entry.Unfit]) -> list[Outcome]:
    with line() as directory:
        return Batch(directory, claimed.entries, wishes).write()


def _tell(outcome: Outcome) -> None:
    """What a person has to look at. Refusals of a password are for its owner to see."""
    key = outcome.entry.account_id
    logger.warning("The directory entry of account %s: %s %s", key, outcome.state, outcome.error)
    if outcome.state == State.CONFLICT:
        text = "Entries of the directory have names of accounts but are not theirs: see Directory entries, conflict."
        alarm.ring("directory-conflict", text)
    elif outcome.state == State.REFUSED and outcome.error not in OWNERS_MATTERS:
        text = f"The directory refuses entries ({outcome.error}): see Directory entries, refused."
        alarm.ring(f"directory-{outcome.error}", text)
