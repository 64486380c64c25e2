"""The report counts what readiness finds in each record, whatever the size."""

from datetime import UTC, datetime
from typing import Any

import pytest

from registry import quality, readiness
from registry.models import Affiliation
from registry.quality import CHECKS
from tests.factories import AffiliationFactory, DepartmentFactory, PersonFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
FLAWS: list[dict[str, Any]] = [
    {},
    {"username": ""},
    {"birth_date": None},
    {"insurance_country": ""},
    {"mobile": "", "mobile_given": "6900000006"},
    {"email": "m@campus.example.org"},
    {"username": "", "mobile": "", "mobile_given": "6900000007"},
]


def university() -> None:
    for code in ("100", "200"):
        for flaws in FLAWS:
            AffiliationFactory.create(department=DepartmentFactory.create(code=code), **flaws)
    AffiliationFactory.create(department=None, last_name_el="", last_name_en="")


def test_numbers_are_those_of_each_record() -> None:
    university()
    counts = quality.count(quality.reported(Affiliation.objects.all()))
    assert [one.department.code if one.department else "" for one in counts] == ["", "100", "200"]
    for one in counts:
        records = list(Affiliation.objects.filter(department=one.department))
        assert one.records == len(records)
        assert one.stopped == sum(not readiness.can_activate(record) for record in records)
        for condition in readiness.CONDITIONS:
            assert one.failed[condition.code] == sum(not condition.holds(record) for record in records)
    whole = quality.total(counts)
    assert (whole.records, whole.failed["username"], whole.failed["surname"]) == (15, 4, 1)


def test_the_list_of_a_check_is_whom_it_counts() -> None:
    university()
    records = quality.reported(Affiliation.objects.all())
    whole = quality.total(quality.count(records))
    for code, check in CHECKS.items():
        assert quality.failing(records, check).count() == len(list(quality.lines(records, check))) == whole.failed[code]


def test_a_contact_of_two_people_is_shared_and_one_of_two_records_of_one_person_is_not() -> None:
    person = PersonFactory.create()
    twice = AffiliationFactory.create_batch(2, person=person, mobile="+306900000010", email="i@example.org")
    siblings = AffiliationFactory.create_batch(2, mobile="+306900000005")
    AffiliationFactory.create(mobile=siblings[0].mobile, vanished_at=NOON)
    AffiliationFactory.create_batch(2, mobile="", email="")
    records = quality.reported(Affiliation.objects.all())
    assert set(quality.failing(records, CHECKS["mobile_shared"])) == set(siblings)
    assert not quality.failing(records, CHECKS["email_shared"]).exists()
    assert twice[0].person == twice[1].person


def test_who_has_an_account_and_whose_record_is_gone_do_not_count() -> None:
    AffiliationFactory.create(username="", vanished_at=NOON)
    AffiliationFactory.create(username="", status="inactive")
    AffiliationFactory.create(username="", person__activated_at=NOON)
    records = Affiliation.objects.all()
    assert quality.count(quality.reported(records)) == []
    (one,) = quality.count(quality.reported(records, with_accounts=True))
    assert one.failed["username"] == 1


def test_a_report_is_a_few_queries_whatever_the_size(django_assert_max_num_queries: Any) -> None:
    numbers = []
    for _round in range(2):
        university()
        with django_assert_max_num_queries(4) as captured:
            quality.count(quality.reported(Affiliation.objects.all()))
        numbers.append(len(captured))
    assert numbers == [4, 4]


def test_without_own_domains_nothing_is_institutional(settings: Any) -> None:
    settings.INSTITUTIONAL_DOMAINS = []
    university()
    assert quality.total(quality.count(Affiliation.objects.current())).failed["email_external"] == 0
