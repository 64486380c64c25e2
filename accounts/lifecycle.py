"""What becomes of an account when the records of its person change.

Every change of a record raises `Person.revision`; accounts that have seen an older one are looked at again, and their
directory entry with them. When the last record has ended, a time of grace begins: the person is told, told again
some days before its end, and then the account is closed. A record that comes back opens it again. Each of these steps
is decided by the database, so two that follow at the same time take each of them once.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import audit
from accounts.directory import sync
from accounts.messages.send import keep
from accounts.models import Account, Message
from accounts.models.message import Channel
from registry.models import Affiliation, Person

# Accounts that are looked at in one transaction.
BATCH = 500
# So long before its end the person is reminded of it.
REMINDER = timedelta(days=7)


def follow() -> int:
    """Bring all accounts up to what the records and the calendar say; returns how many were looked at."""
    steps = (_follow_records, _remind, _close)
    return sum(_until_nothing_is_left(step) for step in steps)


def _until_nothing_is_left(step: Any) -> int:
    done = 0
    while count := step():
        done += count
    return done


# ---- The steps, each for some accounts at once ----------------------------------------------------------


@transaction.atomic
def _follow_records() -> int:
    """Accounts whose person's records have changed since the last look."""
    changed = Account.objects.filter(person__revision__gt=F("records_revision"))
    keys = _locked(changed)
    # First the revision, then the records: what changes in between raises it once more.
    revision = Person.objects.filter(pk=OuterRef("person_id")).values("revision")
    Account.objects.filter(pk__in=keys).update(records_revision=Subquery(revision))
    accounts = list(Account.objects.filter(pk__in=keys).annotate(has_record=_current_record()))
    _end([account for account in accounts if not account.has_record and account.expires_at is None])
    _return([account for account in accounts if account.has_record and account.expires_at is not None])
    sync.want(keys)
    return len(keys)


def _end(accounts: Sequence[Account]) -> None:
    """The last record has ended: the time of grace begins."""
    now = timezone.now()
    expires_at = now + timedelta(days=settings.GRACE_DAYS)
    # Where the end is near already, one message says it.
    told_at = now if expires_at <= now + REMINDER else None
    _update(accounts, expires_at=expires_at, expiry_told_at=told_at)
    _tell(accounts, "ending")
    _record("account.ending", accounts)


def _return(accounts: Sequence[Account]) -> None:
    """A record is there again: the account stays open, or opens again with the password it had."""
    _tell(accounts, "returned")
    _update(accounts, expires_at=None, expiry_told_at=None, closed_at=None)
    _record("account.returned", accounts)


@transaction.atomic
def _remind() -> int:
    """Accounts whose end is near and whose people have not been told of it for the second time."""
    now = timezone.now()
    near = Account.objects.filter(expires_at__gt=now, expires_at__lte=now + REMINDER, expiry_told_at=None)
    accounts = list(Account.objects.filter(pk__in=_locked(near.filter(closed_at=None))))
    _update(accounts, expiry_told_at=now)
    _tell(accounts, "ending")
    return len(accounts)


@transaction.atomic
def _close() -> int:
    """Accounts whose time of grace is over. Whose records have just changed is looked at first."""
    now = timezone.now()
    over = Account.objects.filter(expires_at__lte=now, closed_at=None, person__revision=F("records_revision"))
    keys = _locked(over.filter(~_current_record()))
    accounts = list(Account.objects.filter(pk__in=keys))
    _update(accounts, closed_at=now, epoch=F("epoch") + 1)
    _tell(accounts, "closed")
    _record("account.closed", accounts)
    sync.want(keys)
    return len(keys)


# ---- What the steps are made of -------------------------------------------------------------------------


def _current_record() -> Exists:
    return Exists(Affiliation.objects.current().filter(person_id=OuterRef("person_id")))


def _locked(accounts: QuerySet[Account]) -> list[int]:
    """The keys of some of the accounts; nobody else takes them up meanwhile."""
    skip = connection.features.has_select_for_update_skip_locked
    chosen = accounts.select_for_update(of=("self",), skip_locked=skip).order_by("pk")
    return list(chosen.values_list("pk", flat=True)[:BATCH])


def _update(accounts: Iterable[Account], **values: Any) -> None:
    keys = [account.pk for account in accounts]
    if keys:
        Account.objects.filter(pk__in=keys).update(**values)
    for account in accounts:
        for name, value in values.items():
            if name != "epoch":
                setattr(account, name, value)


def _record(act: str, accounts: Sequence[Account]) -> None:
    audit.record_all(act, accounts)


def _tell(accounts: Sequence[Account], event: str) -> None:
    """Tell the people by e-mail, by SMS only who left no address: a whole year's graduates would use up its budget."""
    keep([_message(account, event) for account in accounts if account.has_contacts])


def _message(account: Account, event: str) -> Message:
    day = timezone.localtime(account.expires_at) if account.expires_at else None
    return Message(
        template="lifecycle",
        language=account.language,
        channel=Channel.EMAIL if account.recovery_email else Channel.SMS,
        destination=account.recovery_email or str(account.recovery_mobile),
        context={
            "event": event,
            "username": account.username,
            "day": f"{day:%d/%m/%Y}" if day else "",
            "closed": account.closed_at is not None,
        },
    )
