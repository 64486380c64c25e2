"""A contact leads to one record, whatever stands around it."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.lookup import NotFound, Shared, find_record
from registry.models import Affiliation, Kind, Person, Status
from tests.factories import AffiliationFactory, PersonFactory, StaffFactory

pytestmark = pytest.mark.django_db

MOBILE, EMAIL = "+306900000001", "maria@example.org"


@pytest.fixture
def maria() -> Affiliation:
    # Others stand around her in every test.
    AffiliationFactory.create_batch(3)
    return AffiliationFactory.create(mobile=MOBILE, email=EMAIL)


@pytest.mark.parametrize("contact", [{"mobile": MOBILE}, {"email": EMAIL}, {"mobile": MOBILE, "email": EMAIL}])
def test_finds_by_mobile_by_email_and_by_both(maria: Affiliation, contact: dict[str, str]) -> None:
    assert find_record(role="student", **contact) == maria


@pytest.mark.parametrize(
    "contact",
    [
        {},
        {"mobile": "", "email": ""},
        {"mobile": "+306900000002"},
        {"mobile": "6900000001"},
        {"email": "MARIA@example.org"},
        {"mobile": MOBILE, "email": "someone@example.org"},
        {"mobile": "+306900000002", "email": EMAIL},
        {"mobile": EMAIL, "email": MOBILE},
    ],
)
def test_finds_nobody_else(maria: Affiliation, contact: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        find_record(role="student", **contact)


def test_both_contacts_must_meet_in_one_record(maria: Affiliation) -> None:
    other = AffiliationFactory.create()
    with pytest.raises(NotFound):
        find_record(role="student", mobile=maria.mobile, email=other.email)


def test_both_contacts_must_not_come_from_two_records_of_one_person(maria: Affiliation) -> None:
    AffiliationFactory.create(person=maria.person, mobile="+306900000002", email="other@example.org")
    with pytest.raises(NotFound):
        find_record(role="student", mobile=MOBILE, email="other@example.org")


def test_an_empty_contact_of_a_record_is_nobody_s_contact() -> None:
    AffiliationFactory.create(mobile="", email="")
    with pytest.raises(NotFound):
        find_record(role="student", mobile="", email="")


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (Kind.STUDENT, "student"),
        (Kind.FACULTY, "staff"),
        (Kind.ADMINISTRATIVE, "staff"),
        (Kind.ASSOCIATE, "associate"),
    ],
)
def test_looks_at_the_records_of_the_role_only(kind: Kind, role: str) -> None:
    record = StaffFactory.create(kind=kind, mobile=MOBILE)
    for asked in ("student", "staff", "associate"):
        if asked == role:
            assert find_record(role=asked, mobile=MOBILE) == record
        else:
            with pytest.raises(NotFound):
                find_record(role=asked, mobile=MOBILE)


def test_one_person_in_two_roles_is_found_in_each() -> None:
    student = AffiliationFactory.create(mobile=MOBILE)
    teacher = StaffFactory.create(person=student.person, kind=Kind.ASSOCIATE, mobile=MOBILE)
    assert find_record(role="student", mobile=MOBILE) == student
    assert find_record(role="associate", mobile=MOBILE) == teacher


@pytest.mark.parametrize("ended", [{"status": Status.INACTIVE}, {"vanished_at": timezone.now()}])
def test_ended_and_vanished_records_are_not_found(maria: Affiliation, ended: dict[str, Any]) -> None:
    Affiliation.objects.filter(pk=maria.pk).update(**ended)
    with pytest.raises(NotFound):
        find_record(role="student", mobile=MOBILE)


def test_an_ended_record_does_not_make_a_contact_shared(maria: Affiliation) -> None:
    AffiliationFactory.create(mobile=MOBILE, status=Status.INACTIVE)
    AffiliationFactory.create(mobile=MOBILE, vanished_at=timezone.now())
    assert find_record(role="student", mobile=MOBILE) == maria


def test_interim_records_are_found() -> None:
    record = AffiliationFactory.create(mobile=MOBILE, status=Status.INTERIM)
    assert find_record(role="student", mobile=MOBILE) == record


def test_a_contact_of_two_persons_is_shared_until_more_is_known(maria: Affiliation) -> None:
    petros = AffiliationFactory.create(mobile=MOBILE)
    with pytest.raises(Shared):
        find_record(role="student", mobile=MOBILE)
    assert find_record(role="student", mobile=MOBILE, email=EMAIL) == maria
    assert find_record(role="student", mobile=MOBILE, email=petros.email) == petros
    for record in (maria, petros):
        found = find_record(role="student", mobile=MOBILE, registration_number=record.registration_number)
        assert found == record
    with pytest.raises(NotFound):
        find_record(role="student", mobile=MOBILE, registration_number="it99999")


def test_a_registration_number_alone_opens_nothing(maria: Affiliation) -> None:
    with pytest.raises(NotFound):
        find_record(role="student", registration_number=maria.registration_number)


def test_a_student_and_a_teacher_may_share_a_telephone(maria: Affiliation) -> None:
    StaffFactory.create(mobile=MOBILE)
    assert find_record(role="student", mobile=MOBILE) == maria


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        ({"status": Status.ACTIVE}, {"status": Status.INTERIM}),
        ({"status": Status.ACTIVE, "status_date": None}, {"status": Status.INTERIM, "status_date": date(2026, 9, 1)}),
        ({"status_date": date(2026, 9, 1)}, {"status_date": date(2020, 9, 1)}),
        ({"status_date": date(2020, 9, 1)}, {"status_date": None}),
    ],
)
def test_of_one_person_s_records_the_active_then_the_latest_counts(
    expected: dict[str, Any], other: dict[str, Any]
) -> None:
    person = PersonFactory.create()
    for first, second in ((expected, other), (other, expected)):
        Affiliation.objects.all().delete()
        records = [AffiliationFactory.create(person=person, mobile=MOBILE, **values) for values in (first, second)]
        assert find_record(role="student", mobile=MOBILE) == records[0 if first is expected else 1]


def test_one_query_and_none_for_what_the_wizard_reads(maria: Affiliation) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        record = find_record(role="student", mobile=MOBILE, email=EMAIL)
        assert record.person.pk
        assert record.department
        assert record.department.name
    assert len(queries) == 1


@pytest.fixture
def many() -> None:
    """200,000 records, in one statement; a tenth of them without a mobile, as real ones are."""
    fields = [field.column for field in Affiliation._meta.concrete_fields if not field.primary_key]
    pattern = AffiliationFactory.create(person=PersonFactory.create(), mobile="", email="")
    number = {"sqlite": "value", "postgresql": "value::text"}[connection.vendor]
    varying = {
        "system_id": f"'bulk' || {number}",
        "mobile": f"CASE WHEN value % 10 = 0 THEN '' ELSE '+3069' || {number} END",
        "email": f"'bulk' || {number} || '@example.org'",
    }
    columns = ", ".join(f'"{field}"' for field in fields)
    values = ", ".join(varying.get(field, f'"{field}"') for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE series(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < 200000) "
            f"INSERT INTO registry_affiliation ({columns}) "
            f"SELECT {values} FROM registry_affiliation, series WHERE registry_affiliation.id = {pattern.pk}"
        )
        cursor.execute("ANALYZE registry_affiliation")


@pytest.mark.usefixtures("many")
def test_an_index_leads_to_the_record_among_200_000() -> None:
    assert Affiliation.objects.count() == 200_001
    mobile, email = {"mobile": "+3069777"}, {"email": "bulk777@example.org"}
    for contact in (mobile, email, mobile | email):
        with CaptureQueriesContext(connection) as queries:
            assert find_record(role="student", **contact).system_id == "bulk777"
        assert len(queries) == 1
        plan = explain(queries.captured_queries[0]["sql"])
        # As SQLite and as PostgreSQL call it; the departments are few and may be read whole.
        assert "SCAN REGISTRY_AFFILIATION" not in plan
        assert "SEQ SCAN ON REGISTRY_AFFILIATION" not in plan
        assert "REGISTRY_AFFILIATION_MOBILE_" in plan or "REGISTRY_AFFILIATION_EMAIL_" in plan


def explain(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return "\n".join(str(row) for row in cursor.fetchall()).upper()


def test_a_placeholder_that_very_many_share_is_read_in_part() -> None:
    persons = Person.objects.bulk_create(Person() for _number in range(200))
    template = AffiliationFactory.build(person=None, department=None, mobile=MOBILE)
    Affiliation.objects.bulk_create(copy_of(template, person=person, number=n) for n, person in enumerate(persons))
    with CaptureQueriesContext(connection) as queries, pytest.raises(Shared):
        find_record(role="student", mobile=MOBILE)
    assert "LIMIT 50" in queries.captured_queries[0]["sql"]


def copy_of(record: Affiliation, *, person: Person, number: int) -> Affiliation:
    values = {field.attname: getattr(record, field.attname) for field in Affiliation._meta.concrete_fields}
    return Affiliation(**(values | {"id": None, "person_id": person.pk, "system_id": f"copy{number}"}))
