from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core import serializers
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from registry import insurance
from registry.corrections import Insurance, supply_insurance
from registry.importing import Refused, Report, import_records
from registry.importing.records import BadValue, read_date
from registry.importing.spool import BATCH, Spool
from registry.models import Affiliation, Correction, Department, ImportRun, InsuranceKind, Kind, Person, Source
from registry.sources import BadCell
from tests.registry.sheets import employee, numbered, student

AMKA, OTHER_AMKA = "21030500066", "21030500124"
KNOWN = {"ssn": AMKA, "ssnCountry": "GR"}


def run(*rows: dict[str, str], source: Source = Source.SIS, **options: Any) -> Report:
    return import_records(numbered(*rows), source=source, name="test", **options)


def counts(report: Report) -> tuple[int, int, int, int, int, int]:
    return tuple(report.counts().values())  # type: ignore[return-value] # Six figures in the contract's order.


def everything() -> list[str]:
    """All rows of the registry, to see that nothing changed."""
    models = (Department, Person, Affiliation, Correction)
    return [serializers.serialize("json", model.objects.order_by("pk")) for model in models]


def get(number: int = 1) -> Affiliation:
    return Affiliation.objects.get(system_id=f"S{number}")


def correct(record: Affiliation, field: str, value: str) -> None:
    Correction.objects.create(
        affiliation=record, field=field, source_value=getattr(record, field), value=value, origin="office"
    )
    setattr(record, field, value)
    record.save()


# ---- What a row becomes ---------------------------------------------------------------------------------


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


# ---- Again and again ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_rows_again_change_nothing() -> None:
    rows = [student(number) for number in range(1, 6)]
    run(*rows)
    before = everything()
    assert counts(run(*reversed(rows))) == (0, 0, 5, 0, 0, 0)
    assert everything() == before


@pytest.mark.django_db
def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    run(student(1), student(2), student(3), student(4), student(5), student(6))
    rows = [student(1, lastNameEl="Άλλη"), *[student(number) for number in (2, 3, 4, 5, 7)], student(8, gender="x")]
    before = everything()
    planned = run(*rows, dry_run=True)
    assert everything() == before
    assert ImportRun.objects.count() == 1
    assert counts(planned) == counts(run(*rows)) == (1, 1, 4, 1, 1, 0)
    assert planned.changed_fields == {"last_name_el": 1}


@pytest.mark.django_db
def test_vanished_records_stay_and_return() -> None:
    rows = [student(number) for number in range(1, 7)]
    run(*rows)
    assert run(*rows[1:]).vanished == 1
    gone = get()
    assert gone.vanished_at is not None
    assert run(*rows[1:]).vanished == 0
    report = run(*rows)
    assert (report.changed, report.unchanged, report.changed_fields) == (1, 5, {"vanished_at": 1})
    assert get().vanished_at is None


@pytest.mark.django_db
def test_a_rejected_row_does_not_make_its_record_vanish() -> None:
    run(student(1), student(2))
    report = run(student(1, gender="x"), student(2, lastNameEl="Άλλη"))
    assert counts(report) == (0, 1, 0, 0, 1, 0)
    assert counts(run(student(1, lastNameEl=BadCell("formula")), student(2, lastNameEl="Άλλη"))) == (0, 0, 1, 0, 1, 0)


@pytest.mark.django_db
def test_the_other_system_is_left_alone() -> None:
    run(student(1))
    run(employee(), source=Source.HRMS)
    assert Affiliation.objects.filter(vanished_at=None).count() == 2


@pytest.mark.django_db
def test_an_import_that_would_lose_too_many_is_refused() -> None:
    rows = [student(number) for number in range(1, 11)]
    run(*rows)
    before = everything()
    for few in (rows[:7], []):
        with pytest.raises(Refused) as caught:
            run(*few)
        assert caught.value.report.vanished == 10 - len(few)
    assert everything() == before
    assert run(*rows[:8]).vanished == 2
    assert run(*rows[:1], force=True).vanished == 7


@pytest.mark.django_db
def test_an_empty_source_of_an_empty_mirror_is_fine() -> None:
    assert counts(run()) == (0, 0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_a_failure_half_way_leaves_no_trace() -> None:
    run(student(1))
    before = everything()

    def broken(rows: list[dict[str, str]]) -> Any:
        yield from numbered(*rows)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 Raised right above.
        import_records(broken([student(2), student(3)]), source=Source.SIS, name="test")
    assert everything() == before


@pytest.mark.django_db
def test_an_import_that_came_in_between_refuses_this_one() -> None:
    def rows() -> Any:
        yield from numbered(student(1))
        run(student(2))

    with pytest.raises(Refused):
        import_records(rows(), source=Source.SIS, name="test")
    assert Affiliation.objects.get().system_id == "S2"


@pytest.mark.django_db
def test_departments_are_renamed_but_keep_what_the_source_does_not_know() -> None:
    run(student(1))
    Department.objects.update(email="informatics@example.org")
    run(student(1, departmentEl="Τμήμα Μηχανικών Πληροφορικής", departmentEn=""))
    department = Department.objects.get()
    assert (department.name_el, department.name_en, department.email) == (
        "Τμήμα Μηχανικών Πληροφορικής",
        "Department of Informatics",
        "informatics@example.org",
    )
    run(student(1, departmentID="200", departmentEl="", departmentEn=""))
    assert get().department == Department.objects.get(code="200", name_el="200")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_queries_does_not_grow(number: int, django_assert_max_num_queries: Any) -> None:
    run(*[student(n) for n in range(1, 31)])
    given = [{"ssn": f"A{n}", "ssnCountry": "CY"} if n <= number else {} for n in range(1, 31)]
    with django_assert_max_num_queries(26):
        run(*[student(n, lastNameEl="Άλλη", **values) for n, values in enumerate(given, start=1)])


@pytest.mark.django_db
def test_a_new_key_changes_digests_and_nothing_else(settings: LazySettings) -> None:
    run(student(1, **KNOWN), student(2))
    settings.DATA_KEYS = [Fernet.generate_key().decode(), *settings.DATA_KEYS]
    assert counts(run(student(1, **KNOWN), student(2))) == (0, 0, 2, 0, 0, 0)
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    record = get()
    assert (record.insurance_number, record.insurance_digest) == (AMKA, insurance.digest("GR", AMKA))
    assert record.person.identity == insurance.identity("GR", AMKA, record.birth_date)


# ---- Corrections ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_correction_holds_while_the_source_says_what_it_said() -> None:
    run(student(1), student(2))
    correct(get(), "last_name_el", "Παπαδημητρίου")
    assert counts(run(student(1), student(2))) == (0, 0, 2, 0, 0, 1)
    assert counts(run(student(1, enrollmentTerm="4"), student(2))) == (0, 1, 1, 0, 0, 1)
    assert (get().last_name_el, get().enrollment_term) == ("Παπαδημητρίου", "4")


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["Παπαδημητρίου", "Τρίτη"])
def test_a_correction_ends_when_the_source_says_anything_else(said: str) -> None:
    run(student(1))
    correct(get(), "last_name_el", "Παπαδημητρίου")
    report = run(student(1, lastNameEl=said))
    assert report.kept_corrections == 0
    assert get().last_name_el == said
    assert not Correction.objects.exists()


@pytest.mark.django_db
def test_a_corrected_contact_can_be_matched() -> None:
    run(student(1, mobilePhone="6900000001"))
    correct(get(), "mobile_given", "+306900000001")
    run(student(1, mobilePhone="6900000001", enrollmentTerm="4"))
    assert get().mobile == "+306900000001"


@pytest.mark.django_db
def test_a_typed_insurance_number_is_kept_until_the_source_has_one() -> None:
    run(student(1))
    supply_insurance(get(), supplied=Insurance(InsuranceKind.FOREIGN, "AB123", "CY"))
    assert run(student(1, enrollmentTerm="4")).kept_corrections == 3
    assert (get().insurance_number, get().insurance_country) == ("AB123", "CY")
    assert run(student(1, ssn=AMKA)).kept_corrections == 0
    record = get()
    assert (record.insurance_kind, record.insurance_number, record.insurance_country) == ("amka", AMKA, "")


# ---- Persons --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_person_in_two_systems_and_twice_in_one() -> None:
    run(student(1, **KNOWN), student(2, **KNOWN), student(3, **KNOWN, birthDate="20050322"))
    run(employee(**KNOWN), source=Source.HRMS)
    assert get(1).person == get(2).person == Affiliation.objects.get(source="hrms").person
    assert get(3).person != get(1).person


@pytest.mark.django_db
def test_without_a_number_everybody_is_somebody_else() -> None:
    run(
        student(1),
        student(2),
        student(3, ssn="00000000000", ssnCountry="GR"),
        student(4, ssn="0" * 11, ssnCountry="GR"),
    )
    assert Person.objects.filter(identity=None).count() == 4


@pytest.mark.django_db
def test_a_record_that_gets_its_number_joins_its_person() -> None:
    run(employee(**KNOWN), source=Source.HRMS)
    run(student(1))
    run(student(1, **KNOWN))
    assert get().person == Affiliation.objects.get(source="hrms").person


@pytest.mark.django_db
def test_the_person_without_an_account_joins_the_one_with_it() -> None:
    run(employee(**KNOWN), source=Source.HRMS)
    run(student(1))
    Person.objects.filter(affiliations__source="sis").update(activated_at=timezone.now())
    owner = get().person
    assert run(student(1, **KNOWN)).warnings == []
    assert get().person == Affiliation.objects.get(source="hrms").person == owner
    owner.refresh_from_db()
    assert owner.identity == insurance.identity("GR", AMKA, date(2005, 3, 21))


@pytest.mark.django_db
def test_two_accounts_are_never_merged() -> None:
    run(employee(**KNOWN), source=Source.HRMS)
    run(student(1))
    Person.objects.update(activated_at=timezone.now())
    report = run(student(1, **KNOWN))
    assert [(found.line, found.column) for found in report.warnings] == [(2, "ssn")]
    assert get().person != Affiliation.objects.get(source="hrms").person


@pytest.mark.django_db
def test_a_person_whose_records_disagree_is_not_split_until_they_agree() -> None:
    run(student(1, **KNOWN))
    run(employee(**KNOWN), source=Source.HRMS)
    run(student(1, **KNOWN), student(2, ssn=OTHER_AMKA, ssnCountry="GR"))
    together = get(1).person
    other = {"ssn": OTHER_AMKA, "ssnCountry": "GR"}
    assert [found.column for found in run(student(1, **other), student(2, **other)).warnings] == ["ssn"]
    assert get(1).person == together
    run(employee(**other), source=Source.HRMS)
    assert get(1).person == get(2).person == Affiliation.objects.get(source="hrms").person


@pytest.mark.django_db
def test_swapped_numbers_swap_back_without_merging_anybody() -> None:
    other = {"ssn": OTHER_AMKA, "ssnCountry": "GR"}
    run(student(1, **KNOWN), student(2, **other))
    first, second = get(1).person, get(2).person
    run(student(1, **other), student(2, **KNOWN))
    assert (get(1).person, get(2).person) == (first, second)
    first.refresh_from_db()
    assert first.identity == insurance.identity("GR", OTHER_AMKA, date(2005, 3, 21))


@pytest.mark.django_db
def test_a_number_that_is_taken_away_frees_the_identity() -> None:
    run(student(1, **KNOWN))
    run(student(1), student(2, **KNOWN))
    assert get(1).person.identity is None
    assert get(2).person.identity is not None


def test_a_spool_keeps_order_and_count() -> None:
    spool: Spool[int] = Spool()
    for number in range(2 * BATCH + 1):
        spool.add(number)
    assert len(spool) == 2 * BATCH + 1
    assert [number for batch in spool.batches() for number in batch] == list(range(2 * BATCH + 1))
