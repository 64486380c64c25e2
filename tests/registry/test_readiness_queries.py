"""The conditions of a query say the same as the conditions of a record, over many generated records."""

import random
from datetime import date
from typing import Any

import pytest

from registry import readiness
from registry.importing.merging import derived
from registry.models import Affiliation, Gender, Kind
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory, PersonFactory

pytestmark = pytest.mark.django_db

ROWS = 600
CHOICES: dict[str, list[Any]] = {
    "kind": list(Kind),
    "username": ["", "maria05", "mar", "Maria05", "maria..5", "maria-05", "m" * 20, "m" * 21, "μαρία"],
    "last_name_el": ["", "Παπα\u200bδοπούλου"],
    "last_name_en": ["", "Papa\u0007dopoulou"],
    "registration_number": ["", "it:1", " it1", "it1 ", "it  1", "it 1", "it\u202e1"],
    "birth_date": [None, date(2005, 3, 21), date(2005, 3, 22)],
    "gender": list(Gender),
    "insurance_number": ["", AMKA, "21030500067", "2103050006", "00000000000", "99999900066", "AB12"],
    "insurance_kind": ["amka", "amka", "foreign"],
    "insurance_country": ["", "GR", "CY"],
    "mobile_given": ["", "+306900000001", "6900000006", "-"],
    "email_given": [
        *("", "maria@example.org", "maria at example", "maria@campus.example.org", "m@it.campus.example.org"),
        *("maria@notcampus.example.org", "MARIA@Uregister.Example", "maria@uregister.example.org"),
    ],
}


@pytest.fixture
def records() -> list[Affiliation]:
    chance = random.Random(6)
    person, department = PersonFactory.create(), DepartmentFactory.create()
    made = []
    for _row in range(ROWS):
        # Mostly whole: with everything wrong at once nothing would tell the conditions apart.
        values = {name: chance.choice(choices) for name, choices in CHOICES.items() if chance.random() < 0.4}
        record = AffiliationFactory.build(person=person, department=department, **values)
        for name, value in derived(
            {field.attname: getattr(record, field.attname) for field in record._meta.fields}
        ).items():
            setattr(record, name, value)
        made.append(record)
    return Affiliation.objects.bulk_create(made)


@pytest.mark.parametrize("service", ["offline", "gunet"])
def test_every_condition_is_the_same_in_a_query(records: list[Affiliation], settings: Any, service: str) -> None:
    settings.AMKA_SERVICE = service
    for condition in readiness.CONDITIONS:
        failing = {record.pk for record in records if not condition.holds(record)}
        assert set(Affiliation.objects.filter(condition.fails()).values_list("pk", flat=True)) == failing
        assert 0 < len(failing) < ROWS, condition.code
    stopped = {record.pk for record in records if not readiness.can_activate(record)}
    assert set(Affiliation.objects.filter(readiness.cannot_activate()).values_list("pk", flat=True)) == stopped
    assert 0 < len(stopped) < ROWS
