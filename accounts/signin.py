"""Who signs in: the password, the limits, one answer for everybody who may not, and the session that follows."""

import secrets
import time
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_otp import login as remember_second_factor
from django_otp.models import Device

from accounts import audit, proof_of_work, second_factor, throttle
from accounts.models import Account, AuditEvent
from registry.encryption import digest

# How long after the password was typed it need not be typed again for what changes the account.
RECENT = timedelta(minutes=10)
# How long the page that asks for the second factor waits.
PENDING_LIFETIME = timedelta(minutes=5)
BACKEND = "django.contrib.auth.backends.ModelBackend"
# Keys of the session.
SIGNED_IN_AT = "signed_in_at"
PENDING = "pending_signin"
# How long a browser in which somebody has signed in is known to be one.
FAMILIAR_AGE = timedelta(days=365)


class SignInRefused(Exception):
    message = _("Wrong username or password.")


class AccountBlocked(SignInRefused):
    """Told only to somebody who knows the password."""

    message = _("This account is blocked. Recover your password, or ask the helpdesk.")


class AccountClosed(SignInRefused):
    """Told only to somebody who knows the password."""

    message = _(
        "This account is closed, because the university has no record of you any more. If that is wrong, ask the "
        "secretariat (students) or the personnel office (staff); the account opens again with your record."
    )


class PasswordWrong(Exception):
    message = _("This is not your password.")
    field = "password"


# ---- Whether somebody may -------------------------------------------------------------------------------


def check_credentials(request: HttpRequest, *, username: str, password: str) -> Account:
    """The account of this username and password.

    An unknown name counts and costs the same as a known one. Raises `SignInRefused`, `AccountBlocked`,
    `AccountClosed` or `TooMany`.
    """
    address = throttle.client_address(request)
    username = username.strip().lower()
    _count(request, username, throttle.network(address))
    account = Account.objects.select_related("person").filter(username=username).first()
    # An unknown name is hashed too: the answer must not come sooner.
    known = check_password(password, account.password) if account else not make_password(password)
    why = _why_not(account, known=known)
    if account is None or why:
        _note_refusal(account, address=address, why=why)
        raise {"blocked": AccountBlocked, "closed": AccountClosed}.get(why, SignInRefused)
    return account


def _why_not(account: Account | None, *, known: bool) -> str:
    """What the audit trail keeps; the visitor hears only of a block or a closure, and only with the right password."""
    if account is None or not known:
        return "password"
    if not account.is_active:
        return "inactive"
    if account.closed_at is not None:
        return "closed"
    return "blocked" if account.blocked_at else ""


def _note_refusal(account: Account | None, *, address: str, why: str) -> None:
    audit.record(
        "account.signin",
        outcome=AuditEvent.Outcome.REFUSED,
        account=account,
        person=account.person if account else None,
        address=address,
        details={"why": why},
    )


def _count(request: HttpRequest, username: str, network: str) -> None:
    """Raises `TooMany`.

    What strangers try from elsewhere does not count in a browser in which this account has signed in before: it has
    a limit of its own, so nobody can lock the owner out for good (OWASP calls it a device cookie).
    """
    throttle.count("signin:address", network)
    proof_of_work.ensure(request, "signin")
    if familiar := _familiar(request, username):
        throttle.count("signin:browser", familiar)
    else:
        throttle.count("signin:pair", f"{username} {network}")
        throttle.count("signin:account", username)


def _familiar(request: HttpRequest, username: str) -> str:
    """The random part of the cookie, if it is this account's."""
    cookie = request.get_signed_cookie(
        settings.FAMILIAR_COOKIE_NAME, default="", max_age=int(FAMILIAR_AGE.total_seconds())
    )
    nonce, _separator, owner = (cookie or "").partition(":")
    return nonce if owner == _owner(username) else ""


def _owner(username: str) -> str:
    """The next person at a shared computer need not read who sat there before."""
    return digest(username, purpose="familiar")


def confirm_password(request: HttpRequest, password: str) -> None:
    """That whoever sits before an open session is its owner. Raises `PasswordWrong` or `TooMany`."""
    account = account_of(request)
    throttle.count("password-again:account", str(account.pk))
    if not check_password(password, account.password):
        audit.record(
            "password.confirmed",
            outcome=AuditEvent.Outcome.REFUSED,
            actor=account,
            account=account,
            person=account.person,
            address=throttle.client_address(request),
        )
        raise PasswordWrong
    mark_recent(request)


# ---- The session ----------------------------------------------------------------------------------------


def begin(request: HttpRequest, account: Account) -> bool:
    """Sign in with the right password: at once, or, where a second factor is set up, only after `finish`.

    Returns whether the person is signed in. Until then the session knows only whose code is awaited.
    """
    if not second_factor.is_enrolled(account):
        finish(request, account)
        return True
    request.session.cycle_key()
    request.session[PENDING] = {"pk": account.pk, "epoch": account.epoch, "at": int(time.time()), "backend": BACKEND}
    return False


def pending(request: HttpRequest) -> Account | None:
    """Whose second factor is awaited here; nobody's after five minutes, a change of password, or a block."""
    awaited = request.session.get(PENDING)
    if not awaited or time.time() - awaited["at"] >= PENDING_LIFETIME.total_seconds():
        return None
    may_sign_in = Account.objects.open().filter(blocked_at=None)
    return may_sign_in.filter(pk=awaited["pk"], epoch=awaited["epoch"]).first()


def finish(request: HttpRequest, account: Account, *, device: Device | None = None) -> None:
    """Open the session, in the name of the account and of the device that has shown the second factor."""
    request.session.pop(PENDING, None)
    login(request, account, backend=BACKEND)
    # A point in time: otherwise each write into the session would let it begin anew.
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    if device is not None:
        remember_second_factor(request, device)
    mark_recent(request)
    # Messages follow the language in which the person was last seen.
    account.language = get_language() or account.language
    account.save(update_fields=["language"])
    audit.record(
        "account.signin",
        actor=account,
        account=account,
        person=account.person,
        address=throttle.client_address(request),
        details={"second_factor": device is not None},
    )


def make_familiar(response: HttpResponse, account: Account) -> None:
    """Let this browser be known, see `_count`. It opens nothing."""
    response.set_signed_cookie(
        settings.FAMILIAR_COOKIE_NAME,
        f"{secrets.token_urlsafe(12)}:{_owner(account.username)}",
        max_age=FAMILIAR_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def account_of(request: HttpRequest) -> Account:
    """Whose session it is, on pages that only signed-in people reach."""
    return cast("Account", request.user)


def mark_recent(request: HttpRequest) -> None:
    """The password has just been typed in this session."""
    request.session[SIGNED_IN_AT] = int(time.time())


def is_recent(request: HttpRequest) -> bool:
    """Whether the password was typed within the last ten minutes."""
    signed_in_at: int = request.session.get(SIGNED_IN_AT, 0)
    return time.time() - signed_in_at < RECENT.total_seconds()
