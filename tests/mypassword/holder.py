"""Somebody who has an account, at a browser of their own."""

import time
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client, TestCase
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Account
from tests.activation.visitor import LIMITED, alerts
from tests.factories import AffiliationFactory

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PASSWORD = "korydallos-72-Vrachos"


class Holder:
    """One browser. What is due on commit is done after each request, also in tests that roll back."""

    def __init__(self, account: Account, *, language: str = "en", **environ: str) -> None:
        self.account = account
        self.client = Client(HTTP_ACCEPT_LANGUAGE=language, **environ)

    def in_another_browser(self, **environ: str) -> "Holder":
        """The same person, or somebody who claims to be."""
        return Holder(self.account, **environ)

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, fields)

    def sign_in(self, *, username: str = "", password: str = PASSWORD, query: str = "") -> Any:
        return self.post(f"/mypassword/login/{query}", username=username or self.account.username, password=password)

    def give_code(self, code: str) -> Any:
        return self.post("/mypassword/login/code/", code=code)

    def code(self) -> str:
        return code_of(self.account)


def holder(*, app: bool = False, blocked: bool = False, **fields: Any) -> Holder:
    """A student with an account; `app` sets up the second factor."""
    record = AffiliationFactory.create()
    fields = {"person": record.person, "affiliation": record} | fields
    account = Account.objects.create_user(record.username, PASSWORD, **fields)
    if blocked:
        Account.objects.filter(pk=account.pk).update(blocked_at=timezone.now())
    if app:
        with_app(account)
    return Holder(account)


def with_app(account: Account) -> TOTPDevice:
    device: TOTPDevice = TOTPDevice.objects.create(user=account, name="app", confirmed=True)
    return device


def code_of(account: Account) -> str:
    """What the person's app shows now."""
    return shown_by(TOTPDevice.objects.get(user=account, confirmed=True))


def shown_by(device: TOTPDevice) -> str:
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    app.time = time.time()
    return f"{app.token():06}"


def goes_to(response: HttpResponse) -> str:
    """The address that the answer redirects to; "" when it does not redirect."""
    return response["Location"] if response.status_code == 302 else ""


def assert_limited(answer: Any) -> None:
    assert answer.status_code == LIMITED
    assert int(answer["Retry-After"]) > 0
    assert "Try again in" in alerts(answer)
