"""The screens of the activation, as a browser gets them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Message
from activation.models import Activation
from registry.models import Affiliation, Kind, Status
from tests.activation.visitor import (
    OK,
    PASSWORD,
    STEPS,
    Visitor,
    alerts,
    elements,
    goes_to,
    page,
    path,
    text,
    value_of,
)
from tests.factories import (
    AMKA,
    AccountFactory,
    AffiliationFactory,
    DepartmentFactory,
    StaffFactory,
    WithoutAmkaFactory,
)

pytestmark = pytest.mark.django_db

AMKA_FAILED = "The check of the AMKA failed."
INCOMPLETE = "The user does not have the required details filled in."
ACTIVE = "Your account has already been activated."
NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


# ---- The way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", ["mobile", "email", "mobile email"])
def test_a_student_reaches_an_account(channels: str) -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record)
    contact = {channel: getattr(record, channel) for channel in channels.split()}
    assert goes_to(visitor.reach_password(**contact).register()) == "done"
    done = visitor.get("done")
    (shown,) = elements(done, id="username")
    assert text(shown) == record.username
    account = Account.objects.get()
    assert account.check_password(PASSWORD)
    assert (str(account.recovery_mobile), account.recovery_email) == (
        contact.get("mobile", ""),
        contact.get("email", ""),
    )
    assert sorted(Message.objects.values_list("channel", flat=True)) == sorted(
        {"mobile": "sms", "email": "email"}[channel] for channel in contact
    )


@pytest.mark.parametrize(
    ("kind", "role"), [(Kind.FACULTY, "staff"), (Kind.ADMINISTRATIVE, "staff"), (Kind.ASSOCIATE, "associate")]
)
def test_staff_reach_an_account(kind: Kind, role: str) -> None:
    visitor = Visitor(StaffFactory.create(kind=kind))
    assert visitor.record
    assert visitor.record.role == role
    assert goes_to(visitor.reach_password().register()) == "done"


@pytest.mark.parametrize("typed", ["{}", "{} ", "+30 {}", "0030{}", "690-000-{tail}", "(690) 000 {tail}", "+30{}"])
def test_a_greek_number_is_understood_however_it_is_typed(typed: str) -> None:
    record = AffiliationFactory.create(mobile="+306900000001")
    visitor = Visitor(record).begin()
    assert goes_to(visitor.give_contact(mobile=typed.format("6900000001", tail="0001"))) == "pin"


def test_an_e_mail_is_found_in_any_case() -> None:
    visitor = Visitor(AffiliationFactory.create(email="maria@example.org")).begin()
    assert goes_to(visitor.give_contact(email=" Maria@Example.ORG ")) == "pin"


@pytest.mark.parametrize("step", STEPS[1:-1])
def test_each_screen_counts_its_step_and_is_never_kept(step: str) -> None:
    record = (WithoutAmkaFactory if step == "insurance" else AffiliationFactory).create()
    visitor = Visitor(record)
    if step == "clarify":
        AffiliationFactory.create(mobile=record.mobile)
    walk = {
        "contact": visitor.begin,
        "clarify": lambda: visitor.begin().give_contact(),
        "insurance": lambda: visitor.begin().give_contact(),
        "pin": visitor.reach_pin,
        "confirm": visitor.reach_confirm,
        "password": visitor.reach_password,
    }
    walk[step]()
    screen = visitor.get(step)
    number = {"contact": 1, "clarify": 1, "insurance": 2, "pin": 2, "confirm": 3, "password": 4}[step]
    assert screen.status_code == OK
    (current,) = elements(screen, **{"aria-current": "step"})
    assert text(current).startswith(f"{number}/4")
    assert "no-store" in screen["Cache-Control"]
    assert alerts(screen) == ""


@pytest.mark.parametrize("step", STEPS)
def test_only_post_changes_anything(step: str) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    before = Activation.objects.values().get()
    for method in ("put", "patch", "delete"):
        assert getattr(visitor.client, method)(path(step)).status_code == 405
    visitor.get(step)
    assert goes_to(visitor.get("pin/new")) == "password"
    assert Activation.objects.values().get() == before
    assert not Account.objects.exists()


# ---- 3/4 Confirmation -----------------------------------------------------------------------------------


def test_the_data_about_to_be_registered_are_shown() -> None:
    record = AffiliationFactory.create(department=DepartmentFactory.create())
    screen = page(Visitor(record).reach_confirm().get("confirm"))
    shown = [record.username, record.registration_number, record.mobile, "Παπαδοπούλου", "Papadopoulou", "Μαρία"]
    shown += ["Γεώργιος", "21/03/2005", "Department of Informatics", "•••••••••66"]
    assert [value for value in shown if value not in screen] == []
    assert AMKA not in screen
    assert record.email not in screen


def test_disagreeing_tells_what_to_do_and_finishes_nothing() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    notice = visitor.post("confirm", decision="disagree")
    assert notice.status_code == OK
    assert "Have your details corrected first" in page(notice)
    assert "informatics@example.org" in page(notice)
    assert 'href="/activation/confirm/"' in page(notice)
    assert goes_to(visitor.get("password")) == "confirm"
    assert goes_to(visitor.register()) == "confirm"
    assert Activation.objects.get().disagreed_at
    assert visitor.get("confirm").status_code == OK
    assert goes_to(visitor.agree()) == "password"


@pytest.mark.parametrize("decision", [{}, {"decision": ""}, {"decision": "maybe"}, {"decision": "AGREE"}])
def test_whatever_is_no_agreement_agrees_to_nothing(decision: dict[str, str]) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    visitor.post("confirm", **decision)
    assert goes_to(visitor.get("password")) == "confirm"


def test_disagreeing_later_takes_the_agreement_back() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    visitor.post("confirm", decision="disagree")
    assert goes_to(visitor.register()) == "confirm"
    assert not Account.objects.exists()


def test_contacts_are_stored_only_if_ticked() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_confirm(mobile=record.mobile, email=record.email)
    visitor.post("confirm", decision="agree")
    visitor.register()
    account = Account.objects.get()
    assert (str(account.recovery_mobile), account.recovery_email) == ("", "")


# ---- 4/4 Password ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"password1": "short"}, "At least 10 characters"),
        (
            {"password1": "Papadopoulou1!"},
            "Without your username, name, birth date, mobile, registration number or AMKA",
        ),
        ({"password1": "κωδικός πρόσβασης"}, "Only Latin letters, digits and symbols; spaces only in between"),
        ({"password2": PASSWORD + "x"}, "The two passwords differ."),
        ({"password2": ""}, "Type the password once more."),
        ({"password1": "", "password2": ""}, "Type a password."),
        ({"accept_terms": ""}, "Accept the terms to go on."),
    ],
)
def test_a_refused_password_is_not_shown_again_and_opens_nothing(typed: dict[str, str], words: str) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    answer = visitor.register(**typed)
    assert answer.status_code == OK
    assert words in alerts(answer)
    assert value_of(answer, "password1") == value_of(answer, "password2") == ""
    assert PASSWORD not in page(answer)
    assert not Account.objects.exists()
    assert goes_to(visitor.register()) == "done"


def test_terms_are_one_click_away() -> None:
    screen = page(Visitor(AffiliationFactory.create()).reach_password().get("password"))
    assert 'href="/terms/"' in screen
    assert 'href="/privacy/"' in screen


def test_the_password_page_holds_no_insurance_number() -> None:
    assert AMKA not in page(Visitor(AffiliationFactory.create()).reach_password().get("password"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": ""}, INCOMPLETE),
        ({"insurance_number": "21030500067"}, AMKA_FAILED),
        ({"status": Status.INACTIVE}, "Your record was changed meanwhile. Please start again."),
        ({"vanished_at": NOON}, "Your record was changed meanwhile. Please start again."),
    ],
)
def test_a_record_that_changed_meanwhile_opens_nothing(change: dict[str, Any], words: str) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    for field, value in change.items():
        setattr(visitor.record, field, value)
    assert visitor.record
    # A change that comes while the password is being hashed is a matter of test_races.
    Affiliation.objects.filter(pk=visitor.record.pk).update(**change)
    answer = visitor.register()
    assert words in alerts(answer)
    assert not Account.objects.exists()
    assert Activation.objects.get().finished_at is None


def test_a_username_that_was_taken_meanwhile_opens_nothing() -> None:
    visitor = Visitor(AffiliationFactory.create(username="maria")).reach_password()
    AccountFactory.create(username="maria", person=None)
    answer = visitor.register()
    assert "Your username belongs to another account." in alerts(answer)
    assert Activation.objects.get().finished_at is None


def test_who_activated_in_another_tab_meanwhile_is_told() -> None:
    record = AffiliationFactory.create()
    first, second = Visitor(record).reach_password(), Visitor(record).reach_password()
    assert goes_to(first.register()) == "done"
    answer = second.register("another good 42 password")
    assert alerts(answer) == ACTIVE
    assert Account.objects.get().check_password(PASSWORD)


# ---- Lost sessions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS[1:])
def test_without_an_attempt_everybody_begins_at_the_beginning(step: str) -> None:
    assert goes_to(Visitor().get(step)) == "role"
    answer = Visitor().post(step)
    assert (answer.status_code, "no activation in progress" in alerts(answer)) == (OK, True)


@pytest.mark.parametrize("step", STEPS[1:])
def test_an_attempt_that_has_expired_is_explained(step: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = Visitor(AffiliationFactory.create()).reach_password()
        clock.shift(timedelta(hours=3, seconds=1))
        for answer in (visitor.get(step), visitor.post(step, pin="123456", password1=PASSWORD, password2=PASSWORD)):
            assert "too much time has passed" in alerts(answer)
    assert not Account.objects.exists()


def test_a_forged_form_is_refused() -> None:
    visitor = Visitor(AffiliationFactory.create())
    visitor.client = Client(enforce_csrf_checks=True)
    assert visitor.post("role", role="student").status_code == 403
    assert not Activation.objects.exists()
