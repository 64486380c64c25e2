"""Activation letters: one-time codes on paper for people without a usable contact.

A letter is handed over against an identity card, and its code stands for the PIN. Only a keyed hash is stored. A
newer letter of a record kills the older ones; the account that a letter opens uses it up, in one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import audit, printed_codes
from accounts.models import Account
from activation.models import Activation, ActivationLetter
from activation.refusals import LetterRefused
from registry.models import Affiliation


class IssuedMeanwhile(Exception):
    """Somebody else has just issued a letter for one of these records: nothing was issued."""


@dataclass(frozen=True)
class Issued:
    """A letter and its code as printed: the only place where it stands in clear."""

    record: Affiliation
    code: str = field(repr=False)
    expires_at: datetime


@transaction.atomic
def issue(
    records: Sequence[Affiliation], *, issued_by: Account, address: str | None = None, reason: str = ""
) -> list[Issued]:
    """New letters for these records, in their order; older ones and the attempts that they opened end.

    The caller has seen to it that `issued_by` may, and prints them in the same transaction. Raises `IssuedMeanwhile`.
    """
    now = timezone.now()
    expires_at = now + timedelta(days=settings.LETTER_DAYS)
    revoke(records)
    issued = [Issued(record, printed_codes.new_code(), expires_at) for record in records]
    rows = [
        ActivationLetter(
            affiliation=letter.record,
            digest=digest(letter.code),
            issued_by=issued_by,
            issued_at=now,
            expires_at=expires_at,
        )
        for letter in issued
    ]
    try:
        with transaction.atomic():
            ActivationLetter.objects.bulk_create(rows)
    except IntegrityError:
        raise IssuedMeanwhile from None
    for record in records:
        audit.record("letter.issued", actor=issued_by, person=record.person, address=address, reason=reason)
    return issued


@transaction.atomic
def revoke(records: Sequence[Affiliation]) -> int:
    """Make the letters of these records invalid, and end the attempts that they opened; returns how many letters."""
    now = timezone.now()
    open_letters = ActivationLetter.objects.filter(affiliation__in=records, used_at=None, revoked_at=None)
    # The attempts first, as when an account is opened: two orders of locks would wait for each other.
    Activation.objects.filter(letter__in=open_letters, finished_at=None, expires_at__gt=now).update(expires_at=now)
    return open_letters.update(revoked_at=now)


def find(code: str, *, role: str, registration_number: str) -> ActivationLetter:
    """The open letter with this code, if it is of a current record with this number; one query whatever is wrong.

    Raises `LetterRefused`; the limits are the caller's.
    """
    records = Affiliation.objects.current().of_role(role).filter(registration_number__iexact=registration_number)
    letters = ActivationLetter.objects.open().filter(digest=digest(code), affiliation__in=records)
    letter = letters.select_related("affiliation__person", "affiliation__department").first()
    if letter is None:
        raise LetterRefused
    return letter


def spend(letter: ActivationLetter) -> bool:
    """Use the letter up; whether it was this call that did. It may have expired since it was typed."""
    unspent = ActivationLetter.objects.filter(pk=letter.pk, used_at=None, revoked_at=None)
    return bool(unspent.update(used_at=timezone.now()))


def digest(code: str) -> str:
    return salted_hmac("activation.letters", printed_codes.normalise(code), algorithm="sha256").hexdigest()
