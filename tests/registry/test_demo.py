"""The demo cohort: always the same, in due form, and as the contract's table says once it is imported."""

import hashlib
import re
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from stdnum import luhn

from registry import insurance, readiness
from registry.demo import people
from registry.demo.cohort import hrms_rows, sis_rows
from registry.demo.loading import load_cohort
from registry.demo.rows import write_csv
from registry.models import Affiliation, Department, Gender, ImportRun, InsuranceKind, Kind, Person, Source

SIS_COLUMNS = """ssn ssnCountry tin tinCountry firstNameEl firstNameEn lastNameEl lastNameEn fatherFirstNameEl
    fatherFirstNameEn motherFirstNameEl motherFirstNameEn birthDate birthYear gender citizenship departmentID
    departmentEl departmentEn enrollmentStatus enrollmentStatusDate enrollmentType enrollmentTerm inscriptionAcYear
    attendanceType extEmail mobilePhone accountStatus loginName systemID registrationID updated"""
HRMS_ONLY = "academicID middleNameEl employeeType facultyType staffType contractType employeeStatus employeeStatusDate"


def everybody() -> list[dict[str, str]]:
    return [*sis_rows(), *hrms_rows()]


def test_the_same_seed_gives_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    write_csv(tmp_path / "sis.csv", sis_rows())
    write_csv(tmp_path / "hrms.csv", hrms_rows())
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("sis.csv", "hrms.csv")]
    assert digests == [
        "e69e65efd6e98177bc6e4b83a1c0c0c84782bd7da80c97e59c8e4bc26f9c1df9",
        "7861a9d206f08a8dec1f5d611dd8969dbd2cb4ffd7743ca6572450ef60313a46",
    ]


def test_another_seed_gives_other_people_after_the_fixed_ones() -> None:
    rows, others = list(sis_rows(60)), list(sis_rows(60, seed=1))
    fixed = len(people.STUDENTS)
    assert rows[:fixed] == others[:fixed]
    assert rows[fixed:] != others[fixed:]


def test_columns_are_those_of_the_views() -> None:
    assert set(next(sis_rows())) == set(SIS_COLUMNS.split())
    assert set(next(hrms_rows())) >= set(HRMS_ONLY.split())
    assert "enrollmentType" not in next(hrms_rows())


def test_2000_students_and_200_staff_of_four_departments() -> None:
    assert len(list(sis_rows())) == 2000
    assert len(list(hrms_rows())) == 200
    assert len({row["departmentID"] for row in everybody()}) == 4
    assert {row["employeeType"] for row in hrms_rows()} == {"faculty", "staff", "associate"}


def test_every_contact_is_fictitious() -> None:
    for row in everybody():
        assert re.fullmatch(r"((\+30)?690000\d{4})?", row["mobilePhone"])
        assert re.fullmatch(r"([a-z0-9.]+@(campus\.)?example\.org)?", row["extEmail"])


def test_usernames_are_valid_and_belong_to_one_person_each() -> None:
    usernames = Counter(row["loginName"] for row in everybody() if row["loginName"])
    assert {name for name, count in usernames.items() if count > 1} == {people.IOANNA.username}
    for username in usernames:
        assert 4 <= len(username) <= 20
        assert re.fullmatch(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", username)


def test_every_amka_is_sound_and_only_the_fixed_case_disagrees_with_its_birth_date() -> None:
    rows = [row for row in everybody() if row["ssn"] and row["ssnCountry"] != "CY"]
    assert all(luhn.is_valid(row["ssn"]) and len(row["ssn"]) == 11 for row in rows)
    assert {row["ssn"] for row, count in _by_ssn(rows) if count > 1} == {people.IOANNA.ssn}
    disagreeing = [row for row in rows if row["birthDate"] and not _agrees(row)]
    assert [row["extEmail"] for row in disagreeing] == ["giorgos@example.org"]


def _by_ssn(rows: list[dict[str, str]]) -> list[tuple[dict[str, str], int]]:
    counts = Counter(row["ssn"] for row in rows)
    return [(row, counts[row["ssn"]]) for row in rows]


def _agrees(row: dict[str, str]) -> bool:
    born = date.fromisoformat(row["birthDate"])
    try:
        insurance.check_amka(row["ssn"], birth_date=born, gender=int(row["gender"]))
    except insurance.InsuranceProblem:
        return False
    return True


def test_mobiles_are_shared_by_few() -> None:
    mobiles = Counter(row["mobilePhone"] for row in everybody() if row["mobilePhone"])
    shared = sum(count > 1 for count in mobiles.values())
    assert 20 <= shared <= 80
    assert mobiles["+306900000005"] == 2


@pytest.mark.parametrize(
    ("column", "value", "least", "most"),
    [
        ("loginName", "", 20, 80),
        ("birthDate", "", 8, 50),
        ("ssn", "", 50, 180),
        ("attendanceType", "abroad", 8, 50),
        ("enrollmentStatus", "inactive", 20, 80),
    ],
)
def test_a_few_records_have_troubles(column: str, value: str, least: int, most: int) -> None:
    assert least <= sum(row[column] == value for row in sis_rows()) <= most


def test_some_records_lack_the_prefix_have_an_institutional_address_or_a_latin_letter() -> None:
    rows = list(sis_rows())
    assert sum(row["mobilePhone"].startswith("69") for row in rows) > 10
    assert sum("@campus." in row["extEmail"] for row in rows) > 10
    assert sum(bool(re.search(r"[A-Z]", row["lastNameEl"])) for row in rows) > 5


def test_ages_and_years_are_plausible() -> None:
    for row in everybody():
        if row["birthDate"]:
            assert 1950 < int(row["birthYear"]) < 2010
    for row in sis_rows():
        year, _, following = row["inscriptionAcYear"].partition("-")
        assert 2018 <= int(year) == int(following) - 1 <= 2026


def test_a_benchmark_may_ask_for_more_people_than_there_are_mobiles() -> None:
    past_the_block = list(islice(sis_rows(9_600), 9_100, None))
    assert len(past_the_block) == 500
    assert not any(row["mobilePhone"] for row in past_the_block)
    assert all(row["extEmail"] for row in past_the_block)


def test_nikos_has_an_amka_to_type() -> None:
    assert people.NIKOS.ssn == ""
    assert people.NIKOS.birth_date == date(2006, 5, 14)
    insurance.check_amka(people.NIKOS_AMKA, birth_date=people.NIKOS.birth_date, gender=Gender.MALE)


# ---- Imported -------------------------------------------------------------------------------------------


def record(email: str, **more: str) -> Affiliation:
    return Affiliation.objects.select_related("department").get(email=email, **more)


@pytest.mark.django_db
def test_the_imported_cohort_is_as_the_table_says() -> None:
    """One import for all of it: importing is the slow part."""
    reports = load_cohort()
    assert [(report.added, report.rejected) for report in reports] == [(2000, 0), (200, 0)]
    assert Affiliation.objects.count() == 2200
    # Ioanna is the one person with two records.
    assert Person.objects.count() == 2199

    students_with_and_without_hindrance()
    shared_unprefixed_and_foreign_contacts_and_staff()

    assert Affiliation.objects.filter(kind=Kind.ADMINISTRATIVE).count() > 20
    # A student system tells of no resident abroad by accident: they are the few of the generator.
    assert 0 < Affiliation.objects.filter(resident_abroad=True).count() < 50
    for department in Department.objects.all():
        assert department.email.endswith("@example.org")
        assert department.phone.startswith("+30")
    assert Department.objects.count() == 4

    # Once more: nothing to do, nothing twice.
    assert load_cohort() == []
    assert ImportRun.objects.count() == 2
    assert Affiliation.objects.count() == 2200


def students_with_and_without_hindrance() -> None:
    maria = record("maria@example.org")
    assert (maria.mobile, maria.kind, maria.username) == ("+306900000001", Kind.STUDENT, "inf2620001")
    assert (maria.first_name_el, maria.last_name_el, maria.last_name_en) == ("Μαρία", "Παπαδοπούλου", "Papadopoulou")
    assert (maria.birth_date, maria.gender) == (date(2008, 2, 17), Gender.FEMALE)
    assert (maria.insurance_kind, maria.insurance_country) == (InsuranceKind.AMKA, "GR")
    assert maria.insurance_number == people.MARIA.ssn
    assert readiness.findings(maria) == []

    nikos = record("nikos@example.org")
    assert (nikos.birth_date, nikos.insurance_number) == (date(2006, 5, 14), "")
    assert readiness.may_type_insurance(nikos)
    assert readiness.first_hindrance(record("anna@example.org")) == readiness.Hindrance.MISSING
    assert readiness.first_hindrance(record("giorgos@example.org")) == readiness.Hindrance.INSURANCE


def shared_unprefixed_and_foreign_contacts_and_staff() -> None:
    siblings = Affiliation.objects.filter(mobile="+306900000005")
    assert {sibling.email for sibling in siblings} == {"eleni@example.org", "petros@example.org"}
    assert len({sibling.person_id for sibling in siblings}) == 2

    assert not Affiliation.objects.filter(mobile="+306900000006").exists()
    assert Affiliation.objects.get(mobile_given="6900000006").mobile == ""

    sofia = record("sofia@example.org")
    assert (sofia.resident_abroad, sofia.insurance_number, sofia.insurance_country) == (True, "", "")
    assert readiness.first_hindrance(sofia) is None

    assert (record("kostas@example.org").kind, record("kostas@example.org").mobile) == (Kind.FACULTY, "+306900000008")
    assert record("dimitra@example.org").kind == Kind.ASSOCIATE
    assert record("dimitra@example.org").mobile == "+306900000009"

    student, teacher = record("ioanna@example.org", source=Source.SIS), record("ioanna@example.org", source=Source.HRMS)
    assert (student.kind, teacher.kind) == (Kind.STUDENT, Kind.ASSOCIATE)
    assert student.person == teacher.person
    assert student.username == teacher.username
