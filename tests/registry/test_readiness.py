"""Each condition alone, and what the wizard shows of a record that is not ready."""

from typing import Any

import pytest
from django.utils import translation

from registry.models import Affiliation, Gender, Kind
from registry.readiness import (
    CONDITIONS,
    Hindrance,
    findings,
    first_hindrance,
    insurance_fields,
    is_institutional,
    may_type_insurance,
    required_fields,
)
from tests.factories import AMKA, AffiliationFactory

NO_AMKA: dict[str, Any] = {"insurance_kind": "", "insurance_number": "", "insurance_country": ""}
NO_USERNAMES = (
    "abc",
    "a" * 21,
    "Maria05",
    "maria..p",
    ".maria",
    "maria-",
    "μαρία",
    "maria p",
    "maria\0",
    "m*)(",
    "maria\n",
)


def record(**values: Any) -> Affiliation:
    """A record that needs no database; complete but for `values`."""
    return AffiliationFactory.build(**({"person": None, "department": None} | values))


def codes(**values: Any) -> list[str]:
    return [condition.code for condition in findings(record(**values))]


def test_a_complete_record_is_ready() -> None:
    assert codes() == []
    assert first_hindrance(record()) is None


@pytest.mark.parametrize(
    ("values", "found", "hindrance"),
    [
        ({"username": ""}, "username", Hindrance.MISSING),
        *(
            ({"username": username}, "username_form", Hindrance.MISSING)
            for username in (
                "abc",
                "a" * 21,
                "Maria05",
                "maria..p",
                ".maria",
                "maria-",
                "μαρία",
                "maria p",
                "maria\0",
                "m*)(",
            )
        ),
        ({"birth_date": None}, "birth_date", Hindrance.MISSING),
        ({"insurance_country": ""}, "insurance_country", Hindrance.MISSING),
        ({"kind": Kind.FACULTY} | NO_AMKA, "insurance_number", Hindrance.MISSING),
        ({"kind": Kind.ADMINISTRATIVE} | NO_AMKA, "insurance_number", Hindrance.MISSING),
        ({"kind": Kind.ASSOCIATE} | NO_AMKA, "insurance_number", Hindrance.MISSING),
        ({"insurance_number": "21030500067"}, "amka", Hindrance.INSURANCE),  # Its last digit.
        ({"insurance_number": "22030500065"}, "amka", Hindrance.INSURANCE),  # Another day.
        ({"insurance_number": "2103050006"}, "amka", Hindrance.INSURANCE),
        ({"insurance_number": "00000000000"}, "amka", Hindrance.INSURANCE),
        ({"gender": Gender.MALE}, "amka", Hindrance.INSURANCE),
    ],
)
def test_what_stops_an_activation(values: dict[str, Any], found: str, hindrance: Hindrance) -> None:
    assert codes(**values) == [found]
    assert first_hindrance(record(**values)) is hindrance


@pytest.mark.parametrize(
    "values",
    [
        NO_AMKA,  # A student types it in, or lives abroad.
        NO_AMKA | {"resident_abroad": True},
        {"gender": Gender.UNKNOWN},
        {"gender": Gender.NOT_APPLICABLE},
        {"insurance_kind": "ehic", "insurance_number": "8" * 20, "insurance_country": "CY"},
        {"insurance_kind": "foreign", "insurance_number": "AB12", "insurance_country": "DE"},
    ],
)
def test_what_does_not(values: dict[str, Any]) -> None:
    assert codes(**values) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"mobile_given": "", "mobile": "", "email_given": "", "email": ""}, "contact"),
        ({"mobile_given": "6900000006", "mobile": ""}, "mobile_prefix"),
        ({"email_given": "maria at example", "email": ""}, "email_valid"),
        ({"email": "maria@campus.example.org"}, "email_external"),
    ],
)
def test_contacts_are_reported_and_stop_nobody_who_was_found(values: dict[str, Any], found: str) -> None:
    assert codes(**values) == [found]
    assert first_hindrance(record(**values)) is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"last_name_el": "", "last_name_en": " "}, "surname"),
        *(
            ({field: "a\0b"}, "names_fit")
            for field in ("first_name_el", "first_name_en", "last_name_el", "last_name_en")
        ),
        ({"last_name_en": "a" * 101}, "names_fit"),
        ({"first_name_el": "Μαρ\u200bία"}, "names_fit"),
        *(({"registration_number": number}, "number_fits") for number in ("it:1", "it\n1", " it1", "1" * 65)),
    ],
)
def test_what_a_directory_can_not_hold_is_reported_and_stops_nobody(values: dict[str, Any], found: str) -> None:
    assert codes(**values) == [found]
    assert first_hindrance(record(**values)) is None


@pytest.mark.parametrize(
    "values",
    [
        {"username": "ma.r-i_a05"},
        {"username": "abcd"},
        {"username": "a" * 20},
        {"last_name_el": ""},
        {"last_name_el": "Παπαδοπούλου-O'Brien 🎓", "first_name_el": ""},
        {"registration_number": "ΜΠΠΛ 2301/05"},
        {"registration_number": ""},
    ],
)
def test_what_a_directory_can_hold(values: dict[str, Any]) -> None:
    assert codes(**values) == []


def test_what_is_missing_comes_before_what_is_wrong() -> None:
    broken = {"username": "", "insurance_number": "21030500067"}
    assert codes(**broken) == ["username", "amka"]
    assert first_hindrance(record(**broken)) is Hindrance.MISSING


def test_every_condition_is_described_once() -> None:
    assert len({condition.code for condition in CONDITIONS}) == len(CONDITIONS)
    assert all(str(condition.text) for condition in CONDITIONS)


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (NO_AMKA, True),
        (NO_AMKA | {"resident_abroad": True}, False),
        (NO_AMKA | {"kind": Kind.FACULTY}, False),
        (NO_AMKA | {"kind": Kind.ASSOCIATE}, False),
        ({}, False),
    ],
)
def test_who_is_asked_for_an_insurance_number(values: dict[str, Any], asked: bool) -> None:
    assert may_type_insurance(record(**values)) is asked


def test_the_four_required_fields_are_masked_or_empty() -> None:
    with translation.override("en"):
        shown = [(str(field.label), field.value) for field in required_fields(record(username="maria05"))]
    assert shown == [
        ("Username", "m•••••"),
        ("AMKA", "•••••••••66"),
        ("Country of the AMKA", "GR"),
        ("Birth date", "••/••/2005"),
    ]
    assert [field.value for field in required_fields(record(username="", birth_date=None, **NO_AMKA))] == [""] * 4


def test_the_three_compared_fields_are_masked_also_the_typed_number() -> None:
    with translation.override("en"):
        shown = [(str(field.label), field.value) for field in insurance_fields(record())]
    assert shown == [("AMKA", "•••••••••66"), ("Surname", "Π•••••"), ("Birth date", "••/••/2005")]
    typed = insurance_fields(record(**NO_AMKA), number="14050612345")
    assert typed[0].value == "•••••••••45"
    latin_only = insurance_fields(record(last_name_el=""))
    assert latin_only[1].value == "P•••••"
    assert AMKA not in repr(shown)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("maria@campus.example.org", True),
        ("maria@it.campus.example.org", True),
        ("maria@uregister.example", True),
        ("maria@example.org", False),
        ("maria@notcampus.example.org", False),
        ("maria@campus.example.org.evil.example", False),
        ("", False),
    ],
)
def test_the_institution_s_own_addresses(address: str, own: bool) -> None:
    assert is_institutional(address) is own
