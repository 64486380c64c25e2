"""What a person supplies goes into the record and is kept against imports."""

from datetime import date

import pytest
from django.db import connection

from registry import insurance
from registry.corrections import Insurance, NotCorrected, Overtaken, correct, release, supply_insurance, version
from registry.models import Affiliation, Correction, InsuranceCheck, InsuranceKind
from registry.search import matching
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory

pytestmark = pytest.mark.django_db

# Of the same birth date as `AMKA`.
OTHER_AMKA = "21030500124"
SUPPLIED = Insurance(kind=InsuranceKind.AMKA, number=AMKA, country="GR")


def test_the_number_stands_in_the_record_and_can_be_searched_for() -> None:
    record, other = WithoutAmkaFactory.create_batch(2)
    before = record.updated_at
    supply_insurance(record, supplied=SUPPLIED)
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.insurance_kind, stored.insurance_number, stored.insurance_country) == ("amka", AMKA, "GR")
    assert stored.insurance_digest in insurance.digests("GR", AMKA)
    assert stored.updated_at > before
    assert Affiliation.objects.get(pk=other.pk).insurance_number == ""


def test_each_field_is_remembered_with_what_the_source_said() -> None:
    record = WithoutAmkaFactory.create()
    supply_insurance(record, supplied=SUPPLIED)
    kept = {c.field: (c.source_value, c.value, c.origin) for c in Correction.objects.filter(affiliation=record)}
    assert kept == {
        "insurance_kind": ("", "amka", "person"),
        "insurance_number": ("", AMKA, "person"),
        "insurance_country": ("", "GR", "person"),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_correction")
        assert AMKA not in repr(cursor.fetchall())


def test_a_second_one_replaces_the_first_and_keeps_the_source_s_value() -> None:
    record = WithoutAmkaFactory.create()
    supply_insurance(record, supplied=SUPPLIED)
    supply_insurance(record, supplied=Insurance(kind=InsuranceKind.FOREIGN, number="AB123", country="CY"))
    assert Correction.objects.count() == 3
    number = Correction.objects.get(affiliation=record, field="insurance_number")
    assert (number.source_value, number.value) == ("", "AB123")
    assert Affiliation.objects.get(pk=record.pk).insurance_kind == "foreign"


# ---- What the secretariat corrects ------------------------------------------------------------------------------


def kept(record: Affiliation) -> dict[str, tuple[str, str, str]]:
    return {c.field: (c.source_value, c.value, c.author) for c in Correction.objects.filter(affiliation=record)}


def history(record: Affiliation) -> list[tuple[str, str, str]]:
    rows = Affiliation.history.filter(id=record.pk).order_by("history_id")
    return [(row.history_change_reason, row.history_user_id, row.mobile_given) for row in rows]


def test_a_correction_is_in_the_record_kept_and_remembered() -> None:
    record = AffiliationFactory.create(mobile_given="6900000006", mobile="")
    revision = record.person.revision
    done = correct(record, {"mobile_given": "+306900000006", "email_given": record.email_given}, by="secretary")
    assert done.fields == ["mobile_given"]
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.mobile_given, stored.mobile) == ("+306900000006", "+306900000006")
    assert stored.person.revision == revision + 1
    assert kept(record) == {"mobile_given": ("6900000006", "+306900000006", "secretary")}
    assert history(record) == [("before", "", "6900000006"), ("corrected", "secretary", "+306900000006")]


def test_a_second_correction_keeps_what_the_source_said() -> None:
    record = AffiliationFactory.create(mobile_given="6900000006", mobile="")
    correct(record, {"mobile_given": "+306900000006"}, by="secretary")
    correct(record, {"mobile_given": "+306900000007"}, by="colleague")
    assert kept(record) == {"mobile_given": ("6900000006", "+306900000007", "colleague")}
    assert [row[:2] for row in history(record)] == [
        ("before", ""),
        ("corrected", "secretary"),
        ("corrected", "colleague"),
    ]


def test_what_an_import_changed_meanwhile_is_not_laid_at_the_secretary_s_door() -> None:
    record = AffiliationFactory.create(mobile_given="6900000006", mobile="")
    correct(record, {"mobile_given": "+306900000006"}, by="secretary")
    Affiliation.objects.filter(pk=record.pk).update(last_name_el="Άλλη")
    correct(record, {"mobile_given": "+306900000007"}, by="secretary")
    reasons = [(row.history_change_reason, row.last_name_el) for row in Affiliation.history.order_by("history_id")]
    assert reasons[2:] == [("before", "Άλλη"), ("corrected", "Άλλη")]


def test_back_to_the_source_s_value_is_no_correction() -> None:
    record = AffiliationFactory.create(first_name_el="Μαρια")
    correct(record, {"first_name_el": "Μαρία"}, by="secretary")
    correct(record, {"first_name_el": "Μαρια"}, by="secretary")
    assert kept(record) == {}


def test_names_are_found_as_they_are_now() -> None:
    record = AffiliationFactory.create()
    correct(record, {"last_name_el": "Γεωργίου"}, by="secretary")
    assert list(Affiliation.objects.filter(matching("georgiou"))) == [record]


def test_the_three_fields_of_a_number_are_kept_together_and_never_in_clear() -> None:
    record = AffiliationFactory.create(birth_date=None)
    correct(record, {"insurance_number": OTHER_AMKA}, by="secretary")
    assert set(kept(record)) == {"insurance_kind", "insurance_number", "insurance_country"}
    stored = Affiliation.objects.get(pk=record.pk)
    assert stored.insurance_digest in insurance.digests("GR", OTHER_AMKA)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_historicalaffiliation")
        assert OTHER_AMKA not in repr(cursor.fetchall())
    correct(record, {"insurance_number": AMKA}, by="secretary")
    assert kept(record) == {}


def test_who_the_person_is_follows_the_correction() -> None:
    """The personnel system knows somebody by the same number and birth date: they are one human being."""
    other = AffiliationFactory.create(insurance_number=OTHER_AMKA)
    record = AffiliationFactory.create(birth_date=None)
    correct(record, {"birth_date": date(2005, 3, 21)}, by="secretary")
    assert record.person_id != other.person_id
    assert Affiliation.objects.get(pk=record.pk).person.identity == insurance.identity("GR", AMKA, date(2005, 3, 21))
    correct(other, {"insurance_number": AMKA}, by="secretary")
    assert {row.person_id for row in Affiliation.objects.all()} == {record.person_id}


def test_the_amka_registry_is_asked_again() -> None:
    record = AffiliationFactory.create()
    check = InsuranceCheck.objects.create(affiliation=record, state="disagreed")
    correct(record, {"mobile_given": "+306900000006"}, by="secretary")
    check.refresh_from_db()
    assert check.state == "disagreed"
    correct(record, {"last_name_el": "Γεωργίου"}, by="secretary")
    check.refresh_from_db()
    assert check.state == "pending"


def test_whoever_saw_another_record_corrects_nothing() -> None:
    record = AffiliationFactory.create()
    seen = version(record)
    correct(record, {"first_name_en": "Mary"}, by="secretary", seen=seen)
    with pytest.raises(Overtaken):
        correct(record, {"first_name_en": "Marie"}, by="colleague", seen=seen)
    assert Affiliation.objects.get(pk=record.pk).first_name_en == "Mary"


@pytest.mark.parametrize("field", ["insurance_number", "mobile_given"])
def test_a_released_field_says_what_the_source_says(field: str) -> None:
    record = AffiliationFactory.create()
    before = getattr(record, field)
    correct(record, {"insurance_number": OTHER_AMKA, "mobile_given": "+306900000006"}, by="secretary")
    release(record, field=field, by="colleague")
    assert getattr(Affiliation.objects.get(pk=record.pk), field) == before
    assert field not in kept(record)
    assert len(kept(record)) == (1 if field == "insurance_number" else 3)
    assert history(record)[-1][:2] == ("released", "colleague")
    with pytest.raises(NotCorrected):
        release(record, field=field, by="colleague")


def test_an_import_writes_no_history() -> None:
    record = AffiliationFactory.create()
    record.save()
    assert not Affiliation.history.exists()
