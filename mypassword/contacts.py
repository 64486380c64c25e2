"""The journey of a contact for recovery: added, changed, removed. Only this module touches its session.

A new contact is a `ContactChange` that counts once a PIN sent to it was typed in, in the session that asked for it;
both contacts at once are proved one after the other. Each change begins a new epoch of the account, in which this
session goes on, and is told to the contact that was replaced, which can undo it.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access, attempts, audit, notices, pins, throttle
from accounts.messages.send import Destination
from accounts.models import Account, ContactChange, Pin
from accounts.models.message import Channel

SESSION_KEY = "contacts"
PURPOSE = Pin.Purpose.CONTACT
LIFETIME = timedelta(hours=1)
CHANNELS = {ContactChange.Kind.MOBILE: Channel.SMS, ContactChange.Kind.EMAIL: Channel.EMAIL}


class ContactsOver(Exception):
    """The account has another password or contact than when the change was asked for."""

    message = _("Your account was changed meanwhile. Please start again.")


def stored(account: Account) -> dict[str, str]:
    """The contacts that count, by kind; "" where there is none."""
    return {
        ContactChange.Kind.MOBILE: str(account.recovery_mobile or ""),
        ContactChange.Kind.EMAIL: account.recovery_email,
    }


def removed_by(account: Account, wanted: dict[str, str]) -> list[str]:
    """The kinds of contact that the account would lose at once."""
    return [kind for kind, old in stored(account).items() if old and not wanted[kind]]


# ---- What is wanted -------------------------------------------------------------------------------------


def save(request: HttpRequest, account: Account, *, wanted: dict[str, str]) -> ContactChange | None:
    """Remove what was emptied, and ask for the PIN of what is new. Returns the change whose PIN is due.

    What was asked for before and not proved is forgotten. Raises `TooMany` or `ContactsOver`.
    """
    throttle.count("contacts:account", str(account.pk))
    key = attempts.new_key()
    with transaction.atomic():
        account = _locked(account)
        before = stored(account)
        now = timezone.now()
        _unproved(account).update(expires_at=now)
        for kind in removed_by(account, wanted):
            _make(request, account, _new_change(account, kind, before[kind], ""))
        new = [
            _new_change(account, kind, before[kind], contact)
            for kind, contact in wanted.items()
            if contact and contact != before[kind]
        ]
        if new:
            _send_pin(request, account, new[0], key=key)
    request.session[SESSION_KEY] = {"key": key, "changes": [change.pk for change in new]}
    update_session_auth_hash(request, account)
    return new[0] if new else None


def current(request: HttpRequest, account: Account) -> ContactChange | None:
    """The change of this session whose PIN is due, if it is still alive; one query."""
    held = request.session.get(SESSION_KEY)
    return _unproved(account).filter(pk__in=held["changes"]).order_by("pk").first() if held else None


def is_more_due(request: HttpRequest) -> bool:
    return bool(request.session[SESSION_KEY]["changes"])


def binding(request: HttpRequest, change: ContactChange) -> str:
    """What the PIN of a change is bound to: the change and this session."""
    return _binding(request.session[SESSION_KEY]["key"], change)


def _new_change(account: Account, kind: str, old: str, new: str) -> ContactChange:
    now = timezone.now()
    return ContactChange.objects.create(
        account=account, kind=kind, old=old, new=new, epoch=account.epoch, created_at=now, expires_at=now + LIFETIME
    )


def _unproved(account: Account) -> QuerySet[ContactChange]:
    return ContactChange.objects.filter(
        account=account, epoch=account.epoch, made_at=None, expires_at__gt=timezone.now()
    )


def _locked(account: Account) -> Account:
    """The account as nobody else changes it now. Raises `ContactsOver` when somebody just has."""
    locked = Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=account.pk)
    if locked.epoch != account.epoch or not locked.is_open:
        raise ContactsOver
    return locked


# ---- The PIN --------------------------------------------------------------------------------------------


def renew_pin(request: HttpRequest, account: Account, change: ContactChange) -> None:
    """Send a new PIN in place of the last one. Raises `pins.RenewalTooEarly` or `TooMany`."""
    pin = pins.latest(purpose=PURPOSE, binding=binding(request, change))
    if pin is not None and not (due := pins.renewal(pin)).allowed:
        raise pins.RenewalTooEarly(due.seconds)
    _send_pin(request, account, change, key=request.session[SESSION_KEY]["key"], replacing=pin)


def _send_pin(
    request: HttpRequest, account: Account, change: ContactChange, *, key: str, replacing: Pin | None = None
) -> None:
    throttle.count("pin-send:address", _network(request))
    throttle.count("pin-send:person", f"account {account.pk}")
    throttle.count("pin-send:destination", change.new)
    pins.issue(
        purpose=PURPOSE,
        binding=_binding(key, change),
        person=account.person,
        destinations=[Destination(CHANNELS[ContactChange.Kind(change.kind)], change.new)],
        language=get_language() or settings.LANGUAGE_CODE,
        replacing=replacing,
    )


def verify_pin(request: HttpRequest, account: Account, change: ContactChange, *, pin: str) -> None:
    """Make the change: from here on the new contact counts, and the next change, if any, is due.

    Raises a `pins.PinRefused`, `TooMany` or `ContactsOver`.
    """
    throttle.count("pin-try:address", _network(request))
    throttle.count("pin-try:person", f"account {account.pk}")
    held = request.session[SESSION_KEY]
    key = attempts.new_key()
    refusal: pins.PinRefused | None = None
    with transaction.atomic():
        account = _locked(account)
        waiting = list(_unproved(account).filter(pk__in=held["changes"]).exclude(pk=change.pk).order_by("pk"))
        try:
            pins.check(pin, purpose=PURPOSE, binding=_binding(held["key"], change), person=account.person)
        except pins.PinRefused as refused:
            # Raised only after the transaction, which has counted the wrong try.
            refusal = refused
        else:
            _make(request, account, change)
            # They were asked for by the same person in the same session: they need not start again.
            ContactChange.objects.filter(pk__in=[later.pk for later in waiting]).update(epoch=account.epoch)
    if refusal is not None:
        raise refusal
    request.session[SESSION_KEY] = {"key": key, "changes": [later.pk for later in waiting]}
    update_session_auth_hash(request, account)
    if waiting:
        _send_next_pin(request, account, waiting[0], key=key)


def _send_next_pin(request: HttpRequest, account: Account, change: ContactChange, *, key: str) -> None:
    try:
        _send_pin(request, account, change, key=key)
    except throttle.TooMany:
        # The first change has been made all the same; the page says that no PIN was sent yet.
        return


def _binding(key: str, change: ContactChange) -> str:
    return attempts.key_digest(f"{change.pk}:{key}", scope="mypassword.contacts")


# ---- The change -----------------------------------------------------------------------------------------


def _make(request: HttpRequest, account: Account, change: ContactChange) -> None:
    """Let the change count, in a new epoch, and tell whom it concerns. Raises `ContactsOver`.

    The old contact is told, and so is the other one; nobody can be told of the first contact of an account.
    """
    now = timezone.now()
    due = ContactChange.objects.filter(pk=change.pk, epoch=account.epoch, made_at=None, expires_at__gt=now)
    if not due.update(made_at=now):
        raise ContactsOver
    told = notices.contacts_of(account)
    setattr(account, f"recovery_{change.kind}", change.new)
    account.save(update_fields=[f"recovery_{change.kind}"])
    access.begin_epoch(account)
    event = "changed" if change.old and change.new else "removed" if change.old else "added"
    address = throttle.client_address(request)
    audit.record(
        f"contact.{event}", actor=account, account=account, person=account.person, address=address,
        details={"kind": change.kind},
    )  # fmt: skip
    notices.tell(account, subject=f"contact_{event}", destinations=told, change=change)


def _network(request: HttpRequest) -> str:
    return throttle.network(throttle.client_address(request))
