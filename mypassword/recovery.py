"""The journey of a forgotten password: who asks, the proof, the new password. Only this module touches its session.

The `Recovery` row is the truth; the session holds the key whose digest stands there, and gets another one once the
PIN has proved who is there. Nobody may learn from the outside who exists or which contact is stored: until the proof,
a recovery of nobody runs through the very same statements, with a decoy PIN and a decoy message.
"""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access, attempts, audit, passwords, pins, proof_of_work, throttle
from accounts.messages.send import Destination, queue
from accounts.models import Account, AuditEvent, Pin
from accounts.models.message import Channel
from mypassword import reset_codes
from mypassword.models import Recovery, ResetCode
from registry.encryption import digest
from registry.models import Person

SESSION_KEY = "recovery"
PURPOSE = Pin.Purpose.RECOVERY
LIFETIME = timedelta(hours=1)
# How long after the right PIN a second click with the old key still counts as the same click: longer than a page that
# could not be shown, because the database went away after the first one, asks people to wait.
REPEAT_GRACE = timedelta(minutes=3)
# What is compared in place of a PIN that must not fit.
NO_PIN = ""
# What of an account the recovery need not know; the contact was compared when it began.
UNREAD = ("password", "recovery_mobile", "recovery_email")
# Usernames that one SMS has room for.
NAMES_LENGTH = 80


class Step(StrEnum):
    """Each value is the end of the name of the step's address."""

    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 # The name of a step.
    DONE = "done"


class RecoveryOver(Exception):
    """The password or a contact was changed, or another recovery was quicker."""

    message = _("Your account was changed meanwhile. Please start again.")


# ---- The attempt ----------------------------------------------------------------------------------------


def start(request: HttpRequest, *, username: str, channel: str, contact: str) -> None:
    """Begin a recovery in this browser and send its PIN, or pretend to. Raises `TooMany`.

    The earlier recoveries of the username that wait for their PIN end, whoever asked for them.
    """
    username = username.strip().lower()
    _count_start(request, username)
    proof_of_work.ensure(request, "recovery")
    throttle.count("recovery:contact", contact)
    named = Account.objects.select_related("person").filter(username=username).first()
    account = named if _is_stored(named, channel, contact) else None
    key = attempts.new_key()
    now = timezone.now()
    name = digest(username, purpose="recovery")
    with transaction.atomic():
        Recovery.objects.filter(username_digest=name, pin_verified_at=None, expires_at__gt=now).update(expires_at=now)
        recovery = Recovery.objects.create(
            key_digest=_key_digest(key),
            username_digest=name,
            account=account,
            epoch=account.epoch if account else 0,
            channel=channel,
            contact=contact,
            expires_at=now + LIFETIME,
        )
        outcome = AuditEvent.Outcome.DONE if account else AuditEvent.Outcome.REFUSED
        _record(request, "recovery.started", named, outcome=outcome)
        _send_pin(request, recovery)
    request.session[SESSION_KEY] = key


def _is_stored(account: Account | None, channel: str, contact: str) -> bool:
    stored = ""
    if account is not None and account.is_open:
        stored = str(account.recovery_mobile or "") if channel == Channel.SMS else account.recovery_email.lower()
    return constant_time_compare(stored, contact) and bool(contact)


def open_with_code(request: HttpRequest, *, username: str, code: str) -> None:
    """Begin a recovery with a code that the helpdesk printed: it leads straight to the new password.

    Raises `reset_codes.ResetCodeRefused` or `TooMany`.
    """
    username = username.strip().lower()
    _count_start(request, username)
    key = attempts.new_key()
    try:
        with transaction.atomic():
            _start_by_code(request, reset_codes.use(username, code), key=key)
    except reset_codes.ResetCodeRefused:
        _record(request, "recovery.code_used", None, outcome=AuditEvent.Outcome.REFUSED)
        raise
    attempts.move_to_new_session(request, **{SESSION_KEY: key})


def _start_by_code(request: HttpRequest, code: ResetCode, *, key: str) -> None:
    account = code.account
    now = timezone.now()
    # Whoever was given rights, or closed, since the code was printed is out of the helpdesk's reach.
    if account.has_rights or not account.is_open:
        raise reset_codes.ResetCodeRefused
    recovery = Recovery.objects.create(
        key_digest=_key_digest(key),
        username_digest=digest(account.username, purpose="recovery"),
        account=account,
        epoch=code.epoch,
        by_code=True,
        pin_verified_at=now,
        expires_at=now + LIFETIME,
    )
    _end_others(recovery)
    _record(request, "recovery.code_used", account)


def has_begun(request: HttpRequest) -> bool:
    return SESSION_KEY in request.session


def current(request: HttpRequest) -> Recovery | None:
    """The recovery of this browser, if it is still alive; one query."""
    key = request.session.get(SESSION_KEY)
    recovery = _alive().filter(key_digest=_key_digest(key)).first() if key else None
    # Before the proof, a change of the account must not show: such a recovery goes on as a decoy.
    if recovery is not None and next_step(recovery) is Step.PASSWORD and not is_genuine(recovery):
        return None
    return recovery


def next_step(recovery: Recovery) -> Step:
    if recovery.finished_at is not None:
        return Step.DONE
    return Step.PIN if recovery.pin_verified_at is None else Step.PASSWORD


def is_genuine(recovery: Recovery) -> bool:
    """Whether it belongs to an account, and to its present epoch."""
    account = recovery.account
    return account is not None and account.is_open and account.epoch == recovery.epoch


def account_of(recovery: Recovery) -> Account:
    """Whose password is set: known from the proof on."""
    if recovery.account is None:
        raise ValueError("a decoy belongs to nobody")
    return recovery.account


def _alive() -> QuerySet[Recovery]:
    """Of the account only what is asked of it before the proof: to build more of it would take time that tells."""
    alive = Recovery.objects.filter(expires_at__gt=timezone.now()).select_related("account__person")
    return alive.defer(*(f"account__{field}" for field in UNREAD))


# ---- The PIN --------------------------------------------------------------------------------------------


def renew_pin(request: HttpRequest, recovery: Recovery) -> None:
    """Send a new PIN in place of the last one, or pretend to. Raises `pins.RenewalTooEarly` or `TooMany`."""
    pin = pins.latest(purpose=PURPOSE, binding=recovery.key_digest)
    if pin is not None and not (due := pins.renewal(pin, discreet=True)).allowed:
        raise pins.RenewalTooEarly(due.seconds)
    _send_pin(request, recovery, replacing=pin)


def _send_pin(request: HttpRequest, recovery: Recovery, *, replacing: Pin | None = None) -> None:
    throttle.count("pin-send:address", _network(request))
    throttle.count("pin-send:person", _subject(recovery))
    throttle.count("pin-send:destination", recovery.contact)
    pins.issue(
        purpose=PURPOSE,
        binding=recovery.key_digest,
        person=_person(recovery),
        destinations=[Destination(recovery.channel, recovery.contact)],
        language=get_language() or settings.LANGUAGE_CODE,
        replacing=replacing,
        decoy=not is_genuine(recovery),
    )


def verify_pin(request: HttpRequest, recovery: Recovery, *, pin: str) -> None:
    """Prove the person. From here on the recovery has another key, in another session.

    Raises a `pins.PinRefused` or `TooMany`.
    """
    _count_try(request, recovery)
    code = pin if is_genuine(recovery) else NO_PIN
    refusal: pins.PinRefused | None = None
    with transaction.atomic():
        try:
            pins.check(code, purpose=PURPOSE, binding=recovery.key_digest, person=_person(recovery))
        except pins.PinRefused as refused:
            # Raised only after the transaction, which has counted the wrong try.
            refusal = refused
        else:
            recovery.pin_verified_at = timezone.now()
            recovery.previous_key_digest = recovery.key_digest
            _end_others(recovery)
            _change_key(request, recovery)
            _record(request, "recovery.proved", recovery.account)
    if refusal is not None:
        raise refusal


def repeated(request: HttpRequest, *, pin: str) -> bool:
    """Whether this browser's first click has just used this very PIN: then it gets the new key too.

    Counts as a try, or the old cookie could guess without end. Raises `TooMany`.
    """
    key = request.session.get(SESSION_KEY)
    if not key:
        return False
    binding = _key_digest(key)
    since = timezone.now() - REPEAT_GRACE
    recovery = _alive().filter(previous_key_digest=binding, pin_verified_at__gt=since).first()
    if recovery is None:
        return False
    _count_try(request, recovery)
    if not pins.was_used(pin, purpose=PURPOSE, binding=binding, since=since):
        return False
    _change_key(request, recovery)
    return True


def _end_others(recovery: Recovery) -> None:
    """Whoever has proved to be the person ends all that others, or they elsewhere, have begun."""
    others = Recovery.objects.filter(account=recovery.account, finished_at=None).exclude(pk=recovery.pk)
    others.update(expires_at=timezone.now())


def _change_key(request: HttpRequest, recovery: Recovery) -> None:
    key = attempts.next_key(request.session[SESSION_KEY])
    recovery.key_digest = _key_digest(key)
    recovery.save(update_fields=["key_digest", "previous_key_digest", "pin_verified_at"])
    attempts.move_to_new_session(request, **{SESSION_KEY: key})


def _key_digest(key: str) -> str:
    return attempts.key_digest(key, scope="mypassword.recovery")


def _person(recovery: Recovery) -> Person | None:
    return recovery.account.person if recovery.account else None


# ---- The new password -----------------------------------------------------------------------------------


def finish(request: HttpRequest, recovery: Recovery, *, password: str) -> None:
    """Set the new password, which opens a blocked account and ends every session.

    Nothing more happens when another request of this recovery has just done so. Raises `RecoveryOver` or `TooMany`.
    """
    throttle.count("password:address", _network(request))
    # Hashing takes long and holds no lock.
    hashes = passwords.hashes(password)
    now = timezone.now()
    with transaction.atomic():
        account = (
            Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=account_of(recovery).pk)
        )
        proved = Recovery.objects.filter(
            pk=recovery.pk, key_digest=recovery.key_digest, epoch=account.epoch, account=account, finished_at=None,
            expires_at__gt=now, pin_verified_at__isnull=False,
        )  # fmt: skip
        if not account.is_open or not proved.update(finished_at=now):
            if Recovery.objects.filter(pk=recovery.pk, finished_at__isnull=False).exists():
                return
            raise RecoveryOver
        address = throttle.client_address(request)
        access.change_password(account, **hashes, act="password.recovered", address=address)


# ---- The forgotten username -----------------------------------------------------------------------------


def send_usernames(request: HttpRequest, *, channel: str, contact: str) -> None:
    """Send the usernames to the contact they are stored with, or pretend to. Raises `TooMany`."""
    throttle.count("recovery:address", _network(request))
    proof_of_work.ensure(request, "recovery")
    throttle.count("recovery:contact", contact)
    field = "recovery_mobile" if channel == Channel.SMS else "recovery_email"
    holders = Account.objects.open().filter(**{field: contact}).select_related("person")
    accounts = list(holders.order_by("username")[:10])
    outcome = AuditEvent.Outcome.DONE if accounts else AuditEvent.Outcome.REFUSED
    with transaction.atomic():
        _record(request, "username.sent", accounts[0] if len(accounts) == 1 else None, outcome=outcome)
        queue(
            [Destination(channel, contact)],
            template="username",
            language=get_language() or settings.LANGUAGE_CODE,
            context={"usernames": _joined([account.username for account in accounts], channel)},
            decoy=not accounts,
        )


def _joined(usernames: list[str], channel: str) -> str:
    """Separated by commas; in an SMS as many as have room there."""
    while channel == Channel.SMS and len(usernames) > 1 and len(", ".join(usernames)) > NAMES_LENGTH:
        usernames = usernames[:-1]
    return ", ".join(usernames)


# ---- Limits and the audit trail -------------------------------------------------------------------------


def _count_start(request: HttpRequest, username: str) -> None:
    """Counted before anybody is looked for; per pair of username and network, so that nobody locks others out."""
    network = _network(request)
    throttle.count("recovery:address", network)
    throttle.count("recovery:pair", f"{username} {network}")
    throttle.count("recovery:username", username)


def _count_try(request: HttpRequest, recovery: Recovery) -> None:
    throttle.count("pin-try:address", _network(request))
    throttle.count("pin-try:person", _subject(recovery))


def _subject(recovery: Recovery) -> str:
    """Whom a limit per person counts, be there such a person or not."""
    return f"recovery {recovery.username_digest} {recovery.contact}"


def _network(request: HttpRequest) -> str:
    return throttle.network(throttle.client_address(request))


def _record(request: HttpRequest, act: str, account: Account | None, *, outcome: str = "done") -> None:
    person = account.person if account else None
    address = throttle.client_address(request)
    audit.record(act, outcome=outcome, account=account, person=person, address=address)
