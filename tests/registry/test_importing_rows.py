from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import insurance
from registry.importing.records import BadValue, read_date
from registry.models import Affiliation, Department, ImportRun, Kind, Source
from tests.registry.mirror import AMKA, KNOWN, counts, get, run
from tests.registry.sheets import employee, student


@pytest.mark.django_db
def test_a_student_becomes_a_record() -> None:
    assert counts(run(student(**KNOWN, mobilePhone="0030 690 000 0001", extEmail=" Maria@Example.org "))) == (
        1, 0, 0, 0, 0, 0,
    )  # fmt: skip
    record = get()
    assert (record.source, record.kind, record.status) == ("sis", "student", "active")
    assert (record.birth_date, record.status_date) == (date(2005, 3, 21), date(2024, 9, 1))
    assert (record.mobile, record.mobile_given) == ("+306900000001", "0030 690 000 0001")
    assert (record.email, record.email_given) == ("maria@example.org", "Maria@Example.org")
    assert (record.insurance_kind, record.insurance_number, record.insurance_country) == ("amka", AMKA, "GR")
    assert record.insurance_digest == insurance.digest("GR", AMKA)
    assert record.person.identity == insurance.identity("GR", AMKA, date(2005, 3, 21))
    assert record.department == Department.objects.get(
        code="100", name_el="Τμήμα Πληροφορικής", name_en="Department of Informatics"
    )
    assert ImportRun.objects.get().added == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, Kind.FACULTY),
        ({"employeeType": "Staff", "facultyType": ""}, Kind.ADMINISTRATIVE),
        ({"contractType": "temporary"}, Kind.ASSOCIATE),
        ({"employeeType": "", "facultyType": "academic"}, Kind.FACULTY),
    ],
)
def test_the_kind_of_an_employee(values: dict[str, str], kind: Kind) -> None:
    run(employee(**values), source=Source.HRMS)
    record = Affiliation.objects.get()
    assert (record.kind, record.registration_number) == (kind, "A77")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"birthDate": "21/03/2005"}, {"birth_date": date(2005, 3, 21)}),
        ({"birthDate": "2005-03-21"}, {"birth_date": date(2005, 3, 21)}),
        ({"birthDate": ""}, {"birth_date": None}),
        ({"gender": ""}, {"gender": 0}),
        ({"lastNameEl": "  Παπα\t δοπου\u0301λου "}, {"last_name_el": "Παπα δοπούλου"}),
        ({"mobilePhone": "6900000001"}, {"mobile": "", "mobile_given": "6900000001"}),
        ({"enrollmentType": "Abroad"}, {"resident_abroad": True}),
        ({"ssn": "8" * 20, "ssnCountry": "DE"}, {"insurance_kind": "ehic"}),
        ({"ssn": "ab 12-3", "ssnCountry": "Κύπρος"}, {"insurance_number": "AB123", "insurance_country": "CY"}),
        ({"ssn": "21030500067", "ssnCountry": "GR"}, {"insurance_kind": "amka", "insurance_number": "21030500067"}),
        ({"ssn": "", "ssnCountry": "GR"}, {"insurance_kind": "", "insurance_digest": "", "insurance_country": "GR"}),
        ({"departmentID": ""}, {"department": None}),
        ({"enrollmentStatus": "INTERIM"}, {"status": "interim"}),
        ({"loginName": ""}, {"username": ""}),
    ],
)
def test_values_as_sites_write_them(values: dict[str, str], expected: dict[str, Any]) -> None:
    assert run(student(**values)).rejections == []
    record = get()
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("systemID", ""),
        ("registrationID", " "),
        ("birthDate", "31/02/2006"),
        ("birthDate", "20060231"),
        ("birthDate", "2006"),
        ("birthDate", "14/05/06"),
        ("birthDate", "30000101"),
        ("birthDate", "18000101"),
        ("enrollmentStatusDate", "soon"),
        ("mobilePhone", "69ΑΒ"),
        ("gender", "F"),
        ("enrollmentStatus", "dead"),
        ("lastNameEl", "Παπ\0"),
        ("lastNameEl", "Παπ\u202eα"),
        ("lastNameEl", "Π" * 101),
        ("ssn", "AB:12"),
        ("ssn", "1" * 21),
        ("loginName", "Maria"),
        ("loginName", "ma"),
        ("loginName", "ma..ria"),
        ("loginName", "a" * 21),
        ("departmentID", "1" * 33),
    ],
)
def test_a_bad_value_keeps_its_row_out_and_lets_the_rest_in(column: str, value: str) -> None:
    report = run(student(1, **{"ssnCountry": "CY", column: value}), student(2))
    assert counts(report) == (1, 0, 0, 0, 1, 0)
    assert [(found.line, found.column) for found in report.rejections] == [(2, column)]
    assert len(value) < 2 or value not in report.rejections[0].reason
    assert list(Affiliation.objects.values_list("system_id", flat=True)) == ["S2"]


@pytest.mark.django_db
def test_an_employee_of_an_unknown_kind_is_rejected() -> None:
    report = run(employee(employeeType="wizard"), source=Source.HRMS)
    assert [found.column for found in report.rejections] == ["employeeType"]


@pytest.mark.django_db
def test_of_two_rows_with_one_key_the_first_counts() -> None:
    report = run(student(1), student(1, lastNameEl="Άλλη"))
    assert [found.line for found in report.rejections] == [3]
    assert get().last_name_el == "Παπαδοπούλου"


@pytest.mark.django_db
def test_what_only_looks_wrong_is_taken_in_and_reported() -> None:
    report = run(
        student(1, lastNameEl="Παπαδoπούλου"),  # Its first o is Latin.
        student(2, loginName="student1"),
        student(3, extEmail="nobody"),
        student(4, ssnCountry="Ατλαντίδα"),
        student(5, lastNameEl="Smith"),
    )
    assert report.added == 5
    columns = [(found.line, found.column) for found in report.warnings]
    assert columns == [(2, "lastNameEl"), (3, "loginName"), (4, "extEmail"), (5, "ssnCountry")]
    again = run(*[student(1, lastNameEl="Παπαδoπούλου"), *[student(number) for number in range(2, 6)]])
    assert [found.column for found in again.warnings] == ["lastNameEl"]


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_a_reason(text: str) -> None:
    with suppress(BadValue):
        assert (read_date({"birthDate": text}, "birthDate") is None) == (not text.split())


@given(st.dates(date(1900, 1, 1)), st.sampled_from(["%Y%m%d", "%d/%m/%Y", "%Y-%m-%d"]))
def test_every_day_is_read_in_every_notation(day: date, notation: str) -> None:
    assert read_date({"birthDate": day.strftime(notation)}, "birthDate") == day
