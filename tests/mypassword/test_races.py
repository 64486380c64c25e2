"""What must happen once, when two do it at the same moment: on SQLite's file and on PostgreSQL alike."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts import notices
from accounts.models import Account, AuditEvent, ContactChange, Notice, Pin
from mypassword import reset_codes
from mypassword.models import Recovery, ResetCode
from tests.activation.visitor import pins_sent_to
from tests.factories import AccountFactory
from tests.mypassword.forgetful import (
    CODE,
    CONTACTS,
    NEW_PASSWORD,
    NEW_PIN,
    SET,
    VERIFY,
    Forgetful,
    forgetful,
    goes_to,
    links_sent_to,
    password_is,
)

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 8


class Waiting(Forgetful):
    """Outside of tests that roll back, what is due on commit is done by the commit."""

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, fields)


def waiting(person: Forgetful, cookies: dict[str, str] | None = None) -> Waiting:
    browser = Waiting(person.account)
    browser.client = Client(HTTP_ACCEPT_LANGUAGE="en")
    for name, value in (cookies or {}).items():
        browser.client.cookies[name] = value
    return browser


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    start, found = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait()
            found.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def crowd(person: Forgetful, cookies: dict[str, str]) -> list[Waiting]:
    return [waiting(person, cookies) for _each in range(CROWD)]


def test_the_right_pin_at_once_from_many_tabs_is_used_once(no_limits: None) -> None:
    person = waiting(forgetful())
    person.reach_pin()
    pin, cookies = person.pin(), person.cookies()
    at_once(*(lambda tab=tab: tab.type_pin(pin) for tab in crowd(person, cookies)))
    assert Pin.objects.filter(used_at__isnull=False).count() == 1
    assert AuditEvent.objects.filter(act="recovery.proved").count() == 1
    assert Recovery.objects.filter(pin_verified_at__isnull=False).count() == 1


def test_no_number_of_tabs_gets_more_than_five_guesses(no_limits: None) -> None:
    person = waiting(forgetful())
    person.reach_pin()
    right = int(person.pin())
    cookies = person.cookies()
    guesses = [f"{(right + turn) % 10**6:06}" for turn in range(1, CROWD + 1)]
    at_once(
        *(lambda tab=tab, pin=pin: tab.type_pin(pin) for tab, pin in zip(crowd(person, cookies), guesses, strict=True))
    )
    assert Pin.objects.get().tries == 5
    assert goes_to(person.type_pin(f"{right:06}")) == ""


def test_a_new_pin_asked_for_twice_at_once_is_sent_once(no_limits: None) -> None:
    person = waiting(forgetful())
    person.reach_pin()
    Pin.objects.update(created_at="2026-01-01T00:00Z")
    at_once(*(lambda tab=tab: tab.post(NEW_PIN) for tab in crowd(person, person.cookies())))
    assert Pin.objects.count() == 2


def test_the_new_password_is_set_once(no_limits: None) -> None:
    person = waiting(forgetful())
    person.reach_password()
    epoch = Account.objects.get(pk=person.account.pk).epoch
    passwords = [f"{NEW_PASSWORD}-{turn}" for turn in range(CROWD)]
    tabs = crowd(person, person.cookies())
    at_once(*(lambda tab=tab, new=new: tab.set_password(new) for tab, new in zip(tabs, passwords, strict=True)))
    assert Account.objects.get(pk=person.account.pk).epoch == epoch + 1
    assert AuditEvent.objects.filter(act="password.recovered").count() == 1
    assert sum(password_is(person.account, new) for new in passwords) == 1


def test_of_two_proved_recoveries_one_sets_the_password(no_limits: None) -> None:
    first = waiting(forgetful())
    first.reach_password(channel="email")
    second = waiting(first)
    second.reach_password(channel="sms")
    # As if the second proof had not ended the first recovery.
    Recovery.objects.update(expires_at="2099-01-01T00:00Z")
    at_once(lambda: first.set_password(NEW_PASSWORD + "-1"), lambda: second.set_password(NEW_PASSWORD + "-2"))
    assert AuditEvent.objects.filter(act="password.recovered").count() == 1


def test_a_reset_code_opens_one_recovery(no_limits: None) -> None:
    person = waiting(forgetful())
    code = reset_codes.create(person.account, issued_by=AccountFactory.create())[1]
    tabs = crowd(person, {})
    fields = {"username": person.account.username, "code": code}
    answers = at_once(*(lambda tab=tab: tab.post(CODE, **fields) for tab in tabs))
    assert sorted(goes_to(answer) for answer in answers) == [""] * (CROWD - 1) + [SET]
    assert (Recovery.objects.count(), ResetCode.objects.filter(used_at=None).count()) == (1, 0)


def test_a_contact_is_changed_once(no_limits: None) -> None:
    person = waiting(forgetful())
    person.sign_in()
    person.change(mobile="+306900000777")
    pin = pins_sent_to("+306900000777")[0]
    at_once(*(lambda tab=tab: tab.post(VERIFY, pin=pin) for tab in crowd(person, person.cookies())))
    assert ContactChange.objects.filter(made_at__isnull=False).count() == 1
    assert Notice.objects.count() == 1


def test_a_change_of_contact_and_a_recovery_at_once_leave_one_of_both(no_limits: None) -> None:
    person = waiting(forgetful())
    home = waiting(person)
    home.sign_in()
    home.change(email="new@example.org")
    pin = pins_sent_to("new@example.org")[0]
    person.reach_password(channel="sms")
    at_once(lambda: home.post(VERIFY, pin=pin), person.set_password)
    account = Account.objects.get(pk=person.account.pk)
    assert (account.recovery_email == "new@example.org") is not account.check_password(NEW_PASSWORD)


def test_a_link_pressed_at_once_counts_once(no_limits: None) -> None:
    person = forgetful(recovery_email="")
    notices.tell(person.account, subject="password_changed")
    link = links_sent_to(str(person.account.recovery_mobile))[0]
    at_once(*(lambda tab=tab: tab.post(link) for tab in crowd(person, {})))
    assert AuditEvent.objects.filter(act="account.blocked").count() == 1


def test_two_wishes_at_once_leave_one_pin_that_counts(no_limits: None) -> None:
    person = waiting(forgetful())
    person.sign_in()
    mobiles = [f"+30690000077{turn}" for turn in range(4)]
    tabs = [waiting(person, person.cookies()) for _each in mobiles]
    email = person.account.recovery_email
    at_once(
        *(
            lambda tab=tab, mobile=mobile: tab.post(CONTACTS, mobile=mobile, email=email)
            for tab, mobile in zip(tabs, mobiles, strict=True)
        )
    )
    assert ContactChange.objects.filter(made_at=None, expires_at__gt=timezone.now()).count() == 1
