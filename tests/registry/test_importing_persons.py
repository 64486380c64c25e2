from datetime import date

import pytest
from django.utils import timezone

from registry import insurance
from registry.corrections import Insurance, supply_insurance
from registry.models import Affiliation, Correction, InsuranceKind, Person, Source
from tests.registry.mirror import AMKA, KNOWN, OTHER_AMKA, correct, counts, get, run
from tests.registry.sheets import employee, student

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
