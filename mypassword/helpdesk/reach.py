"""Whom a member of the helpdesk sees, and whom they may act on."""

from dataclasses import dataclass

from accounts.models import Account
from registry.models import Affiliation, Person
from registry.models import AffiliationQuerySet as Records

# SQLite fails at a greater number than a key can be, instead of finding nothing.
MOST = 2**63 - 1


class OutOfReach(Exception):
    """Not there, not of the helper's departments, or an account with rights: nobody is told which."""


@dataclass(frozen=True)
class Subject:
    """A person as this helper may see them."""

    person: Person
    records: list[Affiliation]
    account: Account | None


def visible_records(helper: Account) -> Records:
    """All records; for a helper with departments the ones that these still hold. One query at once."""
    records = Affiliation.objects.select_related("department", "person__account")
    departments = list(helper.departments.values_list("pk", flat=True))
    return records.filter(department__in=departments, vanished_at=None) if departments else records


def subject_of(helper: Account, pk: int) -> Subject:
    """The person with this key. Raises `OutOfReach`."""
    if pk > MOST:
        raise OutOfReach
    records = list(visible_records(helper).filter(person=pk).order_by("pk"))
    if not records:
        raise OutOfReach
    account = account_of(records[0].person)
    if account is not None and has_rights(account):
        raise OutOfReach
    return Subject(records[0].person, records, account)


def account_of(person: Person) -> Account | None:
    """The person's account, if they have activated one."""
    return getattr(person, "account", None)


def has_rights(account: Account) -> bool:
    return Account.objects.with_rights().filter(pk=account.pk).exists()


def lock(subject: Subject) -> Account:
    """The account as it is now, locked until the end of the transaction. Raises `OutOfReach`."""
    if subject.account is None:
        raise OutOfReach
    account = Account.objects.select_for_update().get(pk=subject.account.pk)
    if has_rights(account):
        raise OutOfReach
    return account
