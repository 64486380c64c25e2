"""What a person supplies goes into the record and is kept against imports."""

import pytest
from django.db import connection

from registry import insurance
from registry.corrections import Insurance, supply_insurance
from registry.models import Affiliation, Correction, InsuranceKind
from tests.factories import AMKA, WithoutAmkaFactory

pytestmark = pytest.mark.django_db

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
