"""The last step: a person and a password become an account."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.directory import sync
from accounts.models import Account
from registry import insurance
from registry.corrections import Insurance, supply_insurance
from registry.models import Affiliation, Person


class OpeningRefused(Exception):
    message = _("The account cannot be opened.")

    def __init__(self, record: Affiliation) -> None:
        super().__init__(record.pk)
        self.record = record


class AlreadyActivated(OpeningRefused):
    message = _("Your account has already been activated.")


class UsernameTaken(OpeningRefused):
    """The record's username is another person's account: for the operator and the secretariat to sort out."""

    message = _("Your username belongs to another account.")


@dataclass(frozen=True)
class Applicant:
    """Whom the password rules know before there is an account."""

    record: Affiliation

    def personal_fragments(self) -> list[str]:
        return personal_fragments(self.record)


def personal_fragments(record: Affiliation) -> list[str]:
    """The words and numbers that others know of a person and that a password must not contain."""
    names = (record.first_name_el, record.first_name_en, record.last_name_el, record.last_name_en)
    numbers = [record.username, record.registration_number, record.insurance_number, record.mobile[-10:]]
    return [word for name in names for word in name.split()] + numbers + _date_forms(record.birth_date)


def _date_forms(born: date | None) -> list[str]:
    return [born.strftime(form) for form in ("%d%m%Y", "%d%m%y", "%Y%m%d", "%d/%m/%Y", "%d-%m-%Y")] if born else []


def ensure_none(record: Affiliation) -> None:
    """Raises `AlreadyActivated` or `UsernameTaken` when this record can't lead to a new account; one query."""
    holders = Account.objects.filter(person_id=record.person_id)
    if record.username:
        holders |= Account.objects.filter(username=record.username)
    for holder in holders.only("person_id"):
        raise (AlreadyActivated if holder.person_id == record.person_id else UsernameTaken)(record)


@transaction.atomic
def open_account(
    record: Affiliation,
    *,
    password_hash: str,
    directory_password: str = "",
    supplied: Insurance | None = None,
    address: str | None = None,
    **fields: Any,
) -> Account:
    """Open the account of the record's person.

    The hashes come from `passwords.hashes`, called before the transaction, since it takes long; `supplied` is the
    insurance number that the person typed; `fields` are the recovery contacts and the language. Of two simultaneous
    openings for one person or one username the database lets one through.

    Raises `AlreadyActivated` or `UsernameTaken`.
    """
    now = timezone.now()
    account = Account(
        username=record.username,
        person=record.person,
        affiliation=record,
        password=password_hash,
        directory_password=directory_password,
        records_revision=record.person.revision,
        terms_version=settings.TERMS_VERSION,
        terms_accepted_at=now,
        **fields,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        ensure_none(record)
        raise
    facts: dict[str, Any] = {"activated_at": now}
    if supplied is not None:
        supply_insurance(record, supplied=supplied)
        facts["identity"] = insurance.identity(supplied.country, supplied.number, record.birth_date)
    Person.objects.filter(pk=record.person_id).update(**facts)
    sync.begin(account)
    audit.record("account.opened", person=record.person, account=account, address=address)
    return account
