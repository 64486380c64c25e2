"""Contacts and insurance numbers: who is found, who is refused, and with which words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Account, Message
from accounts.opening import open_account
from registry import insurance
from registry.models import Affiliation, Gender, Kind, Status
from tests.activation.visitor import (
    OK,
    Visitor,
    alerts,
    elements,
    fields_in_parentheses,
    goes_to,
    page,
    text,
    value_of,
)
from tests.factories import (
    AMKA,
    AccountFactory,
    AffiliationFactory,
    StaffFactory,
    WithoutAmkaFactory,
)

pytestmark = pytest.mark.django_db

NOT_FOUND = "No user was found with these details."
AMKA_FAILED = "The check of the AMKA failed."
INCOMPLETE = "The user does not have the required details filled in."
ACTIVE = "Your account has already been activated."
NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


# ---- 1/4 Contact ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["student", "staff", "associate"])
def test_nobody_is_found_and_the_screen_says_whom_to_ask(role: str) -> None:
    visitor = Visitor().begin(role)
    answer = visitor.give_contact(mobile="6900000099", email="nobody@example.org")
    assert (answer.status_code, alerts(answer)) == (OK, NOT_FOUND)
    office = "secretariat of your department" if role == "student" else "personnel office"
    assert office in page(answer).lower()
    assert "+30" in page(answer)
    assert "helpdesk@uregister.example" in page(answer)
    assert (value_of(answer, "mobile"), value_of(answer, "email")) == ("6900000099", "nobody@example.org")


@pytest.mark.parametrize("record", [{"status": Status.INACTIVE}, {"vanished_at": NOON}, {"kind": Kind.FACULTY}])
def test_records_that_do_not_count_are_like_none(record: dict[str, Any]) -> None:
    visitor = Visitor(AffiliationFactory.create(**record)).begin("student")
    assert alerts(visitor.give_contact()) == NOT_FOUND
    assert not Message.objects.exists()


def test_contacts_of_two_records_are_like_none() -> None:
    maria, other = AffiliationFactory.create_batch(2)
    answer = Visitor().begin().give_contact(mobile=maria.mobile, email=other.email)
    assert alerts(answer) == NOT_FOUND
    assert not Message.objects.exists()


def test_a_mobile_that_the_record_holds_without_prefix_does_not_match() -> None:
    record = AffiliationFactory.create(mobile_given="6900000006", mobile="")
    visitor = Visitor(record).begin()
    assert alerts(visitor.give_contact(mobile="6900000006")) == NOT_FOUND
    assert goes_to(visitor.give_contact(email=record.email)) == "pin"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "", "Type your mobile or your e-mail, or both."),
        ({"mobile": "12"}, "mobile", "This is not a telephone number. Type digits only, as in 6900000000."),
        ({"mobile": "69ΑΒ"}, "mobile", "This is not a telephone number. Type digits only, as in 6900000000."),
        ({"email": "maria"}, "email", "This is not an e-mail address. Type it as in name@example.org."),
        (
            {"email": "m@campus.example.org"},
            "email",
            "This mailbox opens only after the activation. Type your other e-mail, or your mobile.",
        ),
    ],
)
def test_each_field_s_error_is_tied_to_it(typed: dict[str, str], field: str, words: str) -> None:
    answer = Visitor().begin().give_contact(**typed)
    assert answer.status_code == OK
    assert words in alerts(answer)
    for name, value in typed.items():
        assert value_of(answer, name) == value
    if field:
        (control,) = elements(answer, name=field)
        attributes = dict(control.attributes)
        assert attributes["aria-invalid"] == "true"
        (error,) = elements(answer, id=f"id_{field}_error")
        assert words in text(error)
        assert error.attributes
        assert f"id_{field}_error" in attributes["aria-describedby"].split()


def test_an_address_too_long_for_any_record_is_an_error_and_not_ignored() -> None:
    record = AffiliationFactory.create()
    long = "m@" + ".".join(["a" * 60] * 4) + ".example.org"
    assert 254 < len(long) < 320
    answer = Visitor(record).begin().give_contact(mobile=record.mobile, email=long)
    assert goes_to(answer) == ""
    assert "id_email_error" in page(answer)
    assert not Message.objects.exists()


def test_both_languages_say_it() -> None:
    for language in ("el", "en"):
        visitor = Visitor(language=language).begin()
        with translation.override(language):
            assert alerts(visitor.give_contact(mobile="6900000099")) == gettext(NOT_FOUND)
        assert f'<html lang="{language}">' in page(visitor.answers[-1])


# ---- A record that can't be activated -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "empty"),
    [
        ({"username": ""}, {"Username"}),
        ({"birth_date": None}, {"Birth date"}),
        ({"insurance_country": ""}, {"Country of the AMKA"}),
        ({"username": "", "birth_date": None}, {"Username", "Birth date"}),
    ],
)
def test_missing_details_are_shown_in_empty_parentheses(values: dict[str, Any], empty: set[str]) -> None:
    record = AffiliationFactory.create(**({"username": "mpapadop"} | values))
    answer = Visitor(record).begin().give_contact()
    assert (answer.status_code, alerts(answer)) == (OK, INCOMPLETE)
    complete = {"Username": "m•••••", "AMKA": "•••••••••66", "Country of the AMKA": "GR", "Birth date": "••/••/2005"}
    assert fields_in_parentheses(answer) == complete | dict.fromkeys(empty, "")
    assert_nothing_unmasked(answer, record)
    assert "department of informatics" in page(answer).lower()
    assert "informatics@example.org" in page(answer)
    assert not Message.objects.exists()


def test_who_needs_no_amka_is_not_sent_for_one() -> None:
    def advice(**values: Any) -> bool:
        answer = Visitor(AffiliationFactory.create(username="", **values)).begin().give_contact()
        assert alerts(answer) == INCOMPLETE
        return "may stay empty" in page(answer)

    without = {"insurance_number": "", "insurance_kind": "", "insurance_country": ""}
    assert advice(**without)
    assert advice(**without, resident_abroad=True)
    assert not advice()


def test_staff_without_amka_may_not_type_one(settings: Any) -> None:
    settings.PERSONNEL_EMAIL = "personnel@example.org"
    record = StaffFactory.create(insurance_number="", insurance_kind="", insurance_country="")
    answer = Visitor(record).begin("staff").give_contact()
    assert alerts(answer) == INCOMPLETE
    assert fields_in_parentheses(answer)["AMKA"] == ""
    assert "The personnel office" in page(answer)
    assert "mailto:personnel@example.org" in page(answer)


@pytest.mark.parametrize("number", ["21030500067", "22030500065", "2103050006"])
def test_an_amka_that_does_not_agree_is_shown_masked(number: str) -> None:
    record = AffiliationFactory.create(insurance_number=number)
    answer = Visitor(record).begin().give_contact()
    assert (answer.status_code, alerts(answer)) == (OK, AMKA_FAILED)
    assert fields_in_parentheses(answer) == {
        "AMKA": f"•••••••••{number[-2:]}",
        "Surname": "Π•••••",
        "Birth date": "••/••/2005",
    }
    for place in ("www.amka.gr", "KEP", "helpdesk@uregister.example", "informatics@example.org"):
        assert place in page(answer)
    assert_nothing_unmasked(answer, record)
    assert not Message.objects.exists()


def test_a_wrong_gender_is_named() -> None:
    """The three fields that are shown may all be right."""

    def page_of(**values: Any) -> str:
        answer = Visitor(AffiliationFactory.create(**values)).begin().give_contact()
        assert alerts(answer) == AMKA_FAILED
        return page(answer)

    wrong = Gender.MALE if AffiliationFactory.build().gender == Gender.FEMALE else Gender.FEMALE
    assert "The gender in your record" in page_of(gender=wrong)
    assert "The gender in your record" not in page_of(insurance_number="21030500067")


def test_a_username_of_another_account_is_not_told_to_a_stranger() -> None:
    record = AffiliationFactory.create(username="mpapadop")
    AccountFactory.create(username="mpapadop", person=None)
    answer = Visitor(record).begin().give_contact()
    assert alerts(answer) == INCOMPLETE
    assert_nothing_unmasked(answer, record)


def assert_nothing_unmasked(answer: Any, record: Affiliation) -> None:
    shown = page(answer)
    secrets = [record.last_name_el, record.first_name_el, record.registration_number, record.username, AMKA]
    secrets += [record.insurance_number, record.email, "2005-03-21", "21/03/2005"]
    assert [secret for secret in secrets if secret and secret in shown] == []


def test_already_activated_leads_to_mypassword() -> None:
    record = AffiliationFactory.create()
    open_account(record, password_hash="!")
    visitor = Visitor(record).begin()
    for _turn in range(2):
        answer = visitor.give_contact()
        assert alerts(answer) == ACTIVE
        assert 'href="/mypassword/"' in page(answer)
        assert record.username not in page(answer)
    assert not Message.objects.exists()


# ---- Shared contacts ------------------------------------------------------------------------------------


def test_siblings_are_told_apart_by_their_registration_number() -> None:
    eleni, petros = AffiliationFactory.create_batch(2, mobile="+306900000005")
    visitor = Visitor(petros).begin()
    assert goes_to(visitor.give_contact()) == "clarify"
    assert not Message.objects.exists()
    answer = visitor.post("clarify", registration_number="it99999")
    assert (answer.status_code, alerts(answer)) == (OK, NOT_FOUND)
    assert value_of(answer, "registration_number") == "it99999"
    assert goes_to(visitor.post("clarify", registration_number=f" {petros.registration_number} ")) == "pin"
    visitor.type_pin()
    visitor.agree()
    assert goes_to(visitor.register()) == "done"
    assert Account.objects.get().username == petros.username
    assert Visitor(eleni).begin().give_contact(email=eleni.email)


def test_a_registration_number_of_somebody_else_opens_nothing() -> None:
    AffiliationFactory.create_batch(2, mobile="+306900000005")
    stranger = AffiliationFactory.create()
    visitor = Visitor().begin()
    visitor.give_contact(mobile="+306900000005")
    answer = visitor.post("clarify", registration_number=stranger.registration_number)
    assert alerts(answer) == NOT_FOUND
    # The contact was found: it is the number that nobody has.
    assert "none of them has this registration number" in page(answer)
    assert "hold no such mobile" not in page(answer)


# ---- 2/4 Insurance number -------------------------------------------------------------------------------


def test_the_amka_that_the_record_lacks_is_typed_in() -> None:
    record = WithoutAmkaFactory.create()
    visitor = Visitor(record).begin()
    assert goes_to(visitor.give_contact()) == "insurance"
    assert not Message.objects.exists()
    assert goes_to(visitor.post("insurance", amka="210305 000-66")) == "pin"
    visitor.type_pin()
    assert AMKA not in page(visitor.get("confirm"))
    assert "•••••••••66" in page(visitor.get("confirm"))
    record.refresh_from_db()
    assert record.insurance_number == ""
    visitor.agree()
    assert goes_to(visitor.register()) == "done"
    record.refresh_from_db()
    assert record.insurance_number == AMKA


@pytest.mark.parametrize("amka", ["21030500067", "14050600060", "00000000000", "21030500058"])
def test_an_amka_that_can_t_be_theirs(amka: str) -> None:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    answer = visitor.post("insurance", amka=amka)
    assert (answer.status_code, alerts(answer)) == (OK, AMKA_FAILED)
    assert fields_in_parentheses(answer)["AMKA"] == f"•••••••••{amka[-2:]}"
    assert value_of(answer, "amka") == amka
    assert not Message.objects.exists()


@pytest.mark.parametrize("amka", ["", "123", "2103050006", "210305000666", "21030500Ο66", "²¹⁰³⁰⁵⁰⁰⁰⁶⁶"])
def test_what_is_no_amka_at_all(amka: str) -> None:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    answer = visitor.post("insurance", amka=amka)
    assert ("An AMKA has 11 digits." if amka else "Type your AMKA.") in alerts(answer)
    assert value_of(answer, "amka") == amka


def test_somebody_else_s_amka_is_refused() -> None:
    victim = AffiliationFactory.create()
    identity = insurance.identity("GR", AMKA, victim.birth_date)
    type(victim.person).objects.filter(pk=victim.person_id).update(identity=identity)
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    assert alerts(visitor.post("insurance", amka=AMKA)) == AMKA_FAILED


def test_another_country_s_number_and_the_european_card() -> None:
    for country, number, kind in (("CY", "AB 123-45", "foreign"), ("DE", "80" * 10, "ehic")):
        record = WithoutAmkaFactory.create()
        visitor = Visitor(record).begin()
        visitor.give_contact()
        assert "?other=1" in page(visitor.get("insurance"))
        assert goes_to(visitor.post("insurance", "?other=1", country=country, number=number)) == "pin"
        visitor.type_pin()
        visitor.agree()
        assert goes_to(visitor.register()) == "done"
        record.refresh_from_db()
        assert (record.insurance_country, record.insurance_kind) == (country, kind)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"country": "", "number": "AB1"}, "Choose a country."),
        ({"country": "GR", "number": "AB1"}, "Choose a country."),
        ({"country": "CY", "number": ""}, "Type the number."),
        ({"country": "CY", "number": "ΑΒ:1"}, "The number is made of Latin letters and digits only."),
        ({"country": "CY", "number": "1" * 21}, "The number has at most 20 letters and digits."),
        ({"country": "CY", "number": "0000"}, "The number is not made of zeros only."),
    ],
)
def test_a_foreign_number_that_is_none(typed: dict[str, str], words: str) -> None:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    answer = visitor.post("insurance", "?other=1", **typed)
    assert words in alerts(answer)
    assert value_of(answer, "number") == typed["number"]


def test_permanent_residents_abroad_are_not_asked() -> None:
    visitor = Visitor(WithoutAmkaFactory.create(resident_abroad=True))
    assert goes_to(visitor.reach_password().register()) == "done"
