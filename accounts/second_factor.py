"""The second factor: an app's changing code (TOTP), and recovery codes for the day the telephone is lost."""

import math
import secrets
from base64 import b32encode

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user, user_has_device, verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access, audit, notices, throttle
from accounts.models import Account, AuditEvent
from registry.encryption import digests

CODES = 10
# Without what is mistaken for something else: 10 of these 28 characters are 48 bits, and only tried online.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456"
CODE_LENGTH = 10
# django-otp doubles the wait with each wrong code. Whoever knows the password must not make it years: 2^9 s.
MOST_FAILURES = 10
# Counts wrong codes: a right one takes back what was counted.
LIMIT = "second-factor:account"


class CodeWrong(Exception):
    message = _("Wrong code. Each code works once: if the app still shows the one you used, wait for the next.")
    field = "code"


class SecondFactorNeeded(Exception):
    message = _("An account with rights cannot be without a second factor. You can set up another one instead.")


# ---- State ----------------------------------------------------------------------------------------------


def is_enrolled(account: Account) -> bool:
    """Whether signing in asks for it."""
    return bool(user_has_device(account))


def is_verified(request: HttpRequest) -> bool:
    """Whether this session has shown it."""
    return bool(request.user.is_verified())  # type: ignore[union-attr] # Of django-otp's middleware.


def is_owed(request: HttpRequest, account: Account) -> bool:
    """Whether the account has rights that this session may not use before it has shown a second factor."""
    return not is_verified(request) and account.has_rights


def app_of(account: Account) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=account, confirmed=True).first()


def codes_left(account: Account) -> int:
    return int(StaticToken.objects.filter(device__user=account).count())


# ---- Checking -------------------------------------------------------------------------------------------


def check(account: Account, code: str, *, address: str) -> Device:
    """The device that accepts this code; the code is used up.

    A code is tried only on the devices whose form it has, so that mistyped digits make nobody wait with a recovery
    code. Raises `CodeWrong`, or `TooMany` while a device makes its owner wait after wrong codes.
    """
    throttle.count(LIMIT, _counted(account))
    for device in _devices(account, code):
        _ensure_allowed(device)
        accepted = verify_token(account, device.persistent_id, _token(device, code))
        if accepted is not None:
            throttle.forget(LIMIT, _counted(account))
            if isinstance(accepted, StaticDevice):
                _note("recovery_code.used", account, address=address)
            return accepted
    audit.record(
        "second_factor.checked",
        outcome=AuditEvent.Outcome.REFUSED,
        account=account,
        person=account.person,
        address=address,
    )
    raise CodeWrong


def _counted(account: Account) -> str:
    """A changed password begins to count anew: who tried before knew the old one."""
    return f"{account.pk} {account.epoch}"


def _devices(account: Account, code: str) -> list[Device]:
    is_recovery = not code.isdigit()
    return [device for device in devices_for_user(account) if isinstance(device, StaticDevice) == is_recovery]


def _ensure_allowed(device: Device) -> None:
    if getattr(device, "throttling_failure_count", 0) > MOST_FAILURES:
        type(device).objects.filter(pk=device.pk).update(throttling_failure_count=MOST_FAILURES)
        device.refresh_from_db()
    allowed, facts = device.verify_is_allowed()
    if not allowed:
        raise throttle.TooMany(max(1, math.ceil((facts["locked_until"] - timezone.now()).total_seconds())))


def _token(device: Device, code: str) -> str:
    """What the device compares: of recovery codes it knows only keyed digests."""
    if not isinstance(device, StaticDevice):
        return code
    possible = _digests(device, code)
    known = StaticToken.objects.filter(device=device, token__in=possible).first()
    return known.token if known else possible[0]


def _digests(device: StaticDevice, code: str) -> list[str]:
    """The one that is stored, then those of older versions; cut to what the column holds, which is still 64 bits.

    Not under a data key: such a digest could not be made anew when keys rotate, since the code is kept nowhere.
    """
    value = f"{device.pk}:{code}"
    kept = salted_hmac("accounts.second_factor.recovery_code", value, algorithm="sha256").hexdigest()
    return [digest[:16] for digest in (kept, *digests(value, purpose="recovery-code"))]


# ---- Setting up and removing ----------------------------------------------------------------------------


def start(account: Account) -> TOTPDevice:
    """A new secret, not asked for before it is confirmed; earlier unconfirmed ones are forgotten."""
    TOTPDevice.objects.filter(user=account, confirmed=False).delete()
    return TOTPDevice.objects.create(user=account, name="app", confirmed=False)


def confirm(account: Account, device: TOTPDevice, code: str, *, address: str) -> None:
    """The app shows the right code: from now on it is asked for, and the app before it is not.

    Ends all sessions; the caller keeps its own. Raises `CodeWrong` or `TooMany`.
    """
    throttle.count(LIMIT, _counted(account))
    _ensure_allowed(device)
    if verify_token(account, device.persistent_id, code) is None:
        raise CodeWrong
    throttle.forget(LIMIT, _counted(account))
    with transaction.atomic():
        if not TOTPDevice.objects.filter(pk=device.pk, confirmed=False).update(confirmed=True):
            raise CodeWrong
        TOTPDevice.objects.filter(user=account).exclude(pk=device.pk).delete()
        access.begin_epoch(account)
        _note("second_factor.enrolled", account, address=address)


@transaction.atomic
def make_codes(account: Account, *, address: str) -> list[str]:
    """New recovery codes in place of the old ones. They are shown once: only digests are kept."""
    device, _created = StaticDevice.objects.get_or_create(user=account, defaults={"name": "recovery"})
    codes = ["".join(secrets.choice(ALPHABET) for _letter in range(CODE_LENGTH)) for _code in range(CODES)]
    StaticToken.objects.filter(device=device).delete()
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digests(device, code)[0]) for code in codes)
    _note("recovery_codes.renewed", account, address=address)
    return codes


@transaction.atomic
def remove(account: Account, *, address: str) -> None:
    """Sign in with the password alone again; ends all sessions. Raises `SecondFactorNeeded`."""
    if account.has_rights:
        raise SecondFactorNeeded
    _forget(account)
    _note("second_factor.removed", account, address=address)


@transaction.atomic
def take_away(account: Account, *, reason: str) -> None:
    """For who has lost app and recovery codes, by whoever may run commands on the server; ends all sessions.

    Whoever has rights must set up another one at the next sign-in. The owner is told.
    """
    _forget(account)
    audit.record("second_factor.removed", account=account, person=account.person, reason=reason)
    notices.tell(account, subject="second_factor_removed")


def _forget(account: Account) -> None:
    TOTPDevice.objects.filter(user=account).delete()
    StaticDevice.objects.filter(user=account).delete()
    access.begin_epoch(account)


def _note(act: str, account: Account, *, address: str) -> None:
    audit.record(act, actor=account, account=account, person=account.person, address=address)
    notices.tell(account, subject=act.replace(".", "_"))


# ---- What the page shows --------------------------------------------------------------------------------


def secret_to_type(device: TOTPDevice) -> str:
    """The secret as apps take it from the keyboard: base 32 in groups of four (RFC 4648)."""
    text = b32encode(device.bin_key).decode("ascii")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
