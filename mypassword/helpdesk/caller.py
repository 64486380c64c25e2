"""Who is on the telephone: a code goes to the stored contact, and the caller reads it out.

The helpdesk never sees the code, only whether what the caller said was right. The code belongs to this helper's
session and to this account in its present epoch; a right one counts for a quarter of an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import attempts, audit, notices, pins, throttle
from accounts.messages.send import Destination
from accounts.models import Account, AuditEvent, Pin
from accounts.pin_screen import PinScreen
from mypassword.helpdesk import reach
from mypassword.helpdesk.acts import By, NotPossible, count_sending
from mypassword.helpdesk.reach import Subject

SESSION_KEY = "helpdesk"
PURPOSE = Pin.Purpose.CALLER
COUNTS_FOR = timedelta(minutes=15)


class CodeJustSent(pins.RenewalTooEarly):
    """As the helpdesk reads it, to whom nothing was sent."""

    @property
    def message(self) -> str:
        return str(_("A code was just sent to the caller.")) + " " + throttle.retry_text(self.retry_after)


def send_code(request: HttpRequest, subject: Subject, *, contact: Destination, by: By) -> None:
    """Send a code in place of the last one. Raises `NotPossible`, `pins.RenewalTooEarly` or `TooMany`."""
    request.session.setdefault(SESSION_KEY, attempts.new_key())
    with transaction.atomic():
        account = reach.lock(subject)
        if contact not in notices.contacts_of(account):
            raise NotPossible
        binding = _binding(request, by.helper, account)
        last = pins.latest(purpose=PURPOSE, binding=binding)
        if last is not None and not (due := pins.renewal(last)).allowed:
            raise CodeJustSent(due.seconds)
        count_sending(account, contact, by=by)
        pins.issue(
            purpose=PURPOSE,
            binding=binding,
            person=subject.person,
            destinations=[contact],
            language=account.language,
            replacing=last,
        )
        _record("helpdesk.caller_code_sent", subject, by=by)


def check(request: HttpRequest, subject: Subject, *, pin: str, by: By) -> None:
    """Whether the caller reads the messages of the stored contact. Raises a `pins.PinRefused` or `TooMany`.

    The reason is the one for which the code was sent.
    """
    if subject.account is None:
        raise reach.OutOfReach
    throttle.count("pin-try:person", str(subject.person.pk))
    sent = AuditEvent.objects.filter(act="helpdesk.caller_code_sent", actor=by.helper, account=subject.account).first()
    by = By(by.helper, sent.reason if sent else "", by.address)
    try:
        pins.check(pin, purpose=PURPOSE, binding=_binding(request, by.helper, subject.account), person=subject.person)
    except pins.PinRefused:
        _record("helpdesk.caller_checked", subject, by=by, outcome=AuditEvent.Outcome.REFUSED)
        raise
    _record("helpdesk.caller_checked", subject, by=by)


@dataclass(frozen=True)
class Verification:
    """What this session knows of the caller: the code sent last, and until when a right one counts."""

    screen: PinScreen | None = None
    until: datetime | None = None

    @property
    def awaits_code(self) -> bool:
        return self.screen is not None and self.screen.is_open


def verification(request: HttpRequest, subject: Subject, *, helper: Account) -> Verification:
    if subject.account is None or SESSION_KEY not in request.session:
        return Verification()
    binding = _binding(request, helper, subject.account)
    said = Pin.objects.filter(purpose=PURPOSE, binding=binding, used_at__gt=timezone.now() - COUNTS_FOR)
    latest = said.order_by("-used_at").values_list("used_at", flat=True).first()
    screen = PinScreen(purpose=PURPOSE, binding=binding)
    return Verification(screen if screen.pin else None, latest + COUNTS_FOR if latest else None)


def _binding(request: HttpRequest, helper: Account, account: Account) -> str:
    key = request.session.get(SESSION_KEY, "")
    return attempts.key_digest(f"{key} {helper.pk} {account.pk} {account.epoch}", scope="mypassword.helpdesk.caller")


def _record(act: str, subject: Subject, *, by: By, outcome: str = AuditEvent.Outcome.DONE) -> None:
    audit.record(
        act,
        outcome=outcome,
        actor=by.helper,
        person=subject.person,
        account=subject.account,
        reason=by.reason,
        address=by.address,
    )
