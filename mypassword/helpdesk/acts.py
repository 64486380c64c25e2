"""What the helpdesk can do for a person. Every act has a reason and stands in the audit trail.

Nobody here sees or sets a password. A reset code goes to the stored contact or, printed, to somebody identified in
person; with it the person sets the password on the page of the forgotten password. Accounts with rights are refused
once more under the lock, whatever the page has offered.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access, audit, notices, throttle
from accounts.messages.send import Destination, queue
from accounts.models import Account, Notice
from accounts.models.message import Channel
from mypassword import reset_codes
from mypassword.helpdesk import reach
from mypassword.helpdesk.letter import Letter, write_letter
from mypassword.helpdesk.reach import Subject
from mypassword.helpdesk.sheet import secrets_of
from registry.contacts import mask_email, mask_mobile

# A sent code lives as long as a PIN.
SENT_LIFETIME = timedelta(minutes=15)


class NotPossible(Exception):
    """Somebody else was quicker, or the contact is stored no more."""

    message = _("This is not possible any more: the account was changed meanwhile.")


@dataclass(frozen=True)
class By:
    """Who acts, why, from where."""

    helper: Account
    reason: str
    address: str


@dataclass(frozen=True)
class Unmasked:
    label: str | Promise
    value: str


def unmask(subject: Subject, *, field: str, by: By) -> Unmasked:
    """One masked value in clear. Raises `NotPossible` or `TooMany`."""
    throttle.count("helpdesk:unmask", str(by.helper.pk))
    secret = next((secret for secret in secrets_of(subject) if secret.field == field), None)
    if secret is None:
        raise NotPossible
    _record("helpdesk.unmasked", subject, by=by, details={"field": field})
    return Unmasked(secret.label, secret.value)


@transaction.atomic
def send_reset_code(subject: Subject, *, contact: Destination, by: By) -> None:
    """Send a reset code to a stored contact; the other one is told. Raises `NotPossible` or `TooMany`.

    It opens no more than what the person can ask for without the helpdesk: the username and a new password, for
    whoever reads the messages of the stored contact.
    """
    account = reach.lock(subject)
    stored = notices.contacts_of(account)
    if contact not in stored or not account.is_open:
        raise NotPossible
    count_sending(account, contact, by=by)
    row, code = reset_codes.create(account, issued_by=by.helper, lifetime=SENT_LIFETIME)
    until = timezone.localtime(row.expires_at)
    context = {"username": account.username, "until": f"{until:%H:%M}"}
    queue([contact], template="reset_code", language=account.language, secret=code, context=context)
    others = [other for other in stored if other != contact]
    notices.tell(account, subject=Notice.Subject.RESET_CODE_ISSUED, destinations=others)
    _record("helpdesk.reset_code_sent", subject, by=by, details=_masked(contact))


@transaction.atomic
def print_reset_code(subject: Subject, *, by: By) -> Letter:
    """A reset code on paper, for somebody who stands here with an identity card. Raises `NotPossible` or `TooMany`."""
    account = reach.lock(subject)
    if not account.is_open:
        raise NotPossible
    throttle.count("helpdesk:send", str(by.helper.pk))
    row, code = reset_codes.create(account, issued_by=by.helper)
    notices.tell(account, subject=Notice.Subject.RESET_CODE_ISSUED)
    _record("helpdesk.reset_code_printed", subject, by=by)
    return write_letter(account, subject.records[0], code=code, expires_at=row.expires_at)


@transaction.atomic
def end_sessions(subject: Subject, *, by: By) -> None:
    account = reach.lock(subject)
    access.end_sessions(account, actor=by.helper, reason=by.reason, address=by.address)
    notices.tell(account, subject=Notice.Subject.SESSIONS_ENDED)


@transaction.atomic
def block(subject: Subject, *, by: By) -> None:
    """Raises `NotPossible` where it is blocked already."""
    account = reach.lock(subject)
    if account.blocked_at is not None:
        raise NotPossible
    access.block(account, actor=by.helper, reason=by.reason, address=by.address)
    notices.tell(account, subject=Notice.Subject.ACCOUNT_BLOCKED)


@transaction.atomic
def unblock(subject: Subject, *, by: By) -> None:
    """Let the person sign in again with the password they have. Raises `NotPossible` where it is not blocked."""
    account = reach.lock(subject)
    if account.blocked_at is None:
        raise NotPossible
    access.unblock(account, actor=by.helper, reason=by.reason, address=by.address)
    notices.tell(account, subject=Notice.Subject.ACCOUNT_UNBLOCKED)


def count_sending(account: Account, contact: Destination, *, by: By) -> None:
    """The limits of everything that is sent at the helpdesk's word. Raises `TooMany`."""
    throttle.count("helpdesk:send", str(by.helper.pk))
    throttle.count("helpdesk:account", str(account.pk))
    throttle.count("pin-send:destination", contact.address)


def _record(
    act: str,
    subject: Subject,
    *,
    by: By,
    details: dict[str, str] | None = None,
) -> None:
    audit.record(
        act,
        actor=by.helper,
        person=subject.person,
        account=subject.account,
        reason=by.reason,
        address=by.address,
        details=details,
    )


def _masked(contact: Destination) -> dict[str, str]:
    mask = mask_mobile if contact.channel == Channel.SMS else mask_email
    return {"channel": str(contact.channel), "contact": mask(contact.address)}
