"""One-time codes: issued, sent, checked.

A PIN is bound to a purpose, a person and a `binding`, the digest of a key that one browser session holds. Whatever
must happen once is decided by the database in one statement, so two submissions at once have one winner.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.messages.send import Destination, queue
from accounts.models import Message, Pin
from accounts.models.pin import MOST_TRIES
from accounts.throttle import TooMany, retry_text
from registry.models import Person

DIGITS = 6
LIFETIME = timedelta(minutes=15)
# Seconds to wait before the second, the third and every later PIN of one attempt.
WAITS = (30, 60, 120)
# Letters that look the same in Greek and Latin capitals and that nobody mistakes for a digit.
REFERENCE_LETTERS = "ABEHKMNPTXYZ"


class PinRefused(Exception):
    """The PIN was not accepted; `message` says why and what to do."""

    message = _("Wrong PIN.")
    field = "pin"


class PinWrong(PinRefused):
    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left

    @property
    def message(self) -> str:  # type: ignore[override]
        left = ngettext("You can try %(count)d more time.", "You can try %(count)d more times.", self.tries_left)
        return str(_("Wrong PIN.")) + " " + left % {"count": self.tries_left}


class PinReplaced(PinRefused):
    """The right PIN of an older message."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    @property
    def message(self) -> str:  # type: ignore[override]
        text = _("This PIN was replaced by a newer one. Type the PIN of the message marked %(reference)s.")
        return str(text) % {"reference": self.reference}


class PinExpired(PinRefused):
    message = _("The PIN has expired: it lives for 15 minutes. Ask for a new one.")


class PinUsed(PinRefused):
    message = _("The PIN has been used: it works only once. Ask for a new one or start again.")


class PinExhausted(PinRefused):
    message = _("The PIN is no longer valid: it was mistyped five times. Ask for a new one.")


class PinMissing(PinRefused):
    message = _("There is no PIN for this attempt. Ask for a new one.")


class RenewalTooEarly(TooMany):
    """A new PIN was asked for while the last one may still be on its way."""

    @property
    def message(self) -> str:
        return str(_("A PIN was just sent to you.")) + " " + retry_text(self.retry_after)


@dataclass(frozen=True)
class Renewal:
    """When the next PIN may be asked for."""

    at: datetime

    @property
    def seconds(self) -> int:
        return max(0, round((self.at - timezone.now()).total_seconds()))

    @property
    def allowed(self) -> bool:
        return self.seconds == 0


@transaction.atomic
def issue(
    *,
    purpose: str,
    binding: str,
    person: Person | None,
    destinations: Sequence[Destination],
    language: str,
    replacing: Pin | None = None,
    decoy: bool = False,
) -> Pin:
    """Make a PIN and queue a message with it for each destination; the older ones of this binding die.

    `replacing` is the PIN that the caller saw as the latest. Of two calls that replace the same one (a double
    click) the second raises `RenewalTooEarly`, so one PIN is sent and not two. A `decoy` lives like any other PIN, but
    no code matches it and its messages are not sent.
    """
    now = timezone.now()
    if replacing is not None and not Pin.objects.filter(pk=replacing.pk, replaced_at=None).update(replaced_at=now):
        raise RenewalTooEarly(WAITS[0])
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    pin = Pin(
        purpose=purpose,
        binding=binding,
        person=person,
        reference=_reference(other_than=replacing),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    pin.digest = secrets.token_hex(32) if decoy else _digest(pin, code)
    pin.save(force_insert=True)
    queue(destinations, template=purpose, language=language, pin=pin, secret=code, decoy=decoy)
    return pin


def revoke(*, purpose: str, binding: str) -> None:
    """Kill the open PINs of an attempt."""
    Pin.objects.filter(purpose=purpose, binding=binding, used_at=None, replaced_at=None).update(
        replaced_at=timezone.now()
    )


def latest(*, purpose: str, binding: str) -> Pin | None:
    bound = Pin.objects.filter(purpose=purpose, binding=binding).prefetch_related("messages")
    return bound.order_by("-created_at", "-pk").first()


def renewal(pin: Pin, *, discreet: bool = False) -> Renewal:
    """When the PIN may be replaced: the wait starts when a gateway accepted a message, and grows with each PIN.

    A PIN of which every message failed may be replaced at once. The `discreet` wait takes no notice of what became of
    the messages, which would tell a decoy.
    """
    messages = [] if discreet else list(pin.messages.all())
    if messages and all(message.state == Message.State.FAILED for message in messages):
        return Renewal(pin.created_at)
    accepted = [message.sent_at for message in messages if message.sent_at]
    since = min(accepted, default=pin.created_at)
    issued = Pin.objects.filter(purpose=pin.purpose, binding=pin.binding).count()
    return Renewal(since + timedelta(seconds=WAITS[min(issued, len(WAITS)) - 1]))


def check(code: str, *, purpose: str, binding: str, person: Person | None) -> Pin:
    """Use up the PIN of this attempt. Returns it once; raises a `PinRefused` otherwise.

    The try is counted before the comparison, in one statement, so no number of simultaneous guesses gets more than
    five comparisons.
    """
    now = timezone.now()
    open_pin = Pin.objects.filter(
        purpose=purpose, binding=binding, person=person, used_at=None, replaced_at=None,
        expires_at__gt=now, tries__lt=MOST_TRIES,
    )  # fmt: skip
    counted = open_pin.update(tries=F("tries") + 1)
    recent = list(
        Pin.objects.filter(purpose=purpose, binding=binding, person=person).order_by("-created_at", "-pk")[:10]
    )
    if not recent:
        raise PinMissing
    pin = recent[0]
    if not counted:
        raise closed(pin)
    if not hmac.compare_digest(pin.digest, _digest(pin, code)):
        raise _mismatch(code, pin, recent[1:])
    if not Pin.objects.filter(pk=pin.pk, used_at=None, replaced_at=None).update(used_at=now):
        raise PinUsed
    return pin


def was_used(code: str, *, purpose: str, binding: str, since: datetime) -> bool:
    """Whether this very code was used up in this attempt after `since`: the second half of a double click."""
    used = Pin.objects.filter(purpose=purpose, binding=binding, used_at__gt=since)
    return any(hmac.compare_digest(pin.digest, _digest(pin, code)) for pin in used)


def closed(pin: Pin) -> PinRefused:
    """Why a PIN that is not open can no longer be used."""
    if pin.used_at is not None:
        return PinUsed()
    if pin.tries >= MOST_TRIES:
        return PinExhausted()
    if pin.expires_at <= timezone.now():
        return PinExpired()
    return PinMissing()


def _mismatch(code: str, pin: Pin, older: Sequence[Pin]) -> PinRefused:
    if pin.tries >= MOST_TRIES:
        return PinExhausted()
    if any(hmac.compare_digest(old.digest, _digest(old, code)) for old in older):
        return PinReplaced(pin.reference)
    return PinWrong(MOST_TRIES - pin.tries)


def _digest(pin: Pin, code: str) -> str:
    """Keyed hash of the code, tied to all that it is bound to."""
    bound = f"{pin.purpose}:{pin.binding}:{pin.person_id}:{pin.reference}:{pin.created_at.isoformat()}:{code}"
    return salted_hmac("accounts.pins", bound, algorithm="sha256").hexdigest()


def _reference(*, other_than: Pin | None) -> str:
    while True:
        reference = "".join(secrets.choice(REFERENCE_LETTERS) for _letter in range(2))
        if other_than is None or reference != other_than.reference:
            return reference
