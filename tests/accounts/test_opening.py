"""A person and a password become one account, once."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEvent
from accounts.opening import (
    AlreadyActivated,
    Applicant,
    UsernameTaken,
    ensure_none,
    open_account,
    personal_fragments,
)
from registry import insurance
from registry.corrections import Insurance
from registry.models import Affiliation, InsuranceKind, Kind, Person
from tests.factories import AMKA, AccountFactory, AffiliationFactory, StaffFactory, WithoutAmkaFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse 42 Battery"
SUPPLIED = Insurance(kind=InsuranceKind.AMKA, number=AMKA, country="GR")


def open_for(record: Affiliation, **fields: Any) -> Account:
    return open_account(record, password_hash=make_password(PASSWORD), **fields)


def test_opens_the_account_of_the_record_s_person(settings: Any) -> None:
    record = AffiliationFactory.create()
    contacts = {"recovery_mobile": record.mobile, "recovery_email": record.email}
    open_for(record, address="192.0.2.7", language="en", **contacts)
    account = Account.objects.get()
    assert (account.username, account.person, account.affiliation) == (record.username, record.person, record)
    assert account.check_password(PASSWORD)
    assert (account.is_active, account.is_staff, account.is_superuser) == (True, False, False)
    assert (str(account.recovery_mobile), account.recovery_email) == (record.mobile, record.email)
    assert (account.language, account.terms_version) == ("en", settings.TERMS_VERSION)
    assert account.terms_accepted_at
    assert Person.objects.get(pk=record.person_id).activated_at


def test_is_audited_without_a_secret() -> None:
    record = AffiliationFactory.create()
    account = open_for(record, address="192.0.2.7")
    event = AuditEvent.objects.get()
    assert (event.act, event.outcome, event.person, event.account) == ("account.opened", "done", record.person, account)
    assert event.address == "192.0.2.7"
    assert event.details == {}


def test_a_person_opens_one_account_whatever_the_role() -> None:
    student = AffiliationFactory.create()
    teacher = StaffFactory.create(person=student.person, kind=Kind.ASSOCIATE)
    open_for(student)
    for record in (student, teacher):
        with pytest.raises(AlreadyActivated):
            ensure_none(record)
        with pytest.raises(AlreadyActivated):
            open_for(record)
    assert Account.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_another_person_s_username_is_refused_and_nothing_is_left_behind() -> None:
    first = AffiliationFactory.create(username="maria")
    second = WithoutAmkaFactory.create(username="maria")
    open_for(first)
    with pytest.raises(UsernameTaken):
        ensure_none(second)
    with pytest.raises(UsernameTaken):
        open_for(second, supplied=SUPPLIED)
    second.refresh_from_db()
    assert second.insurance_number == ""
    assert Person.objects.get(pk=second.person_id).activated_at is None
    assert Account.objects.get().person == first.person


def test_an_operator_s_account_holds_its_username() -> None:
    AccountFactory.create(username="maria", person=None)
    with pytest.raises(UsernameTaken):
        ensure_none(AffiliationFactory.create(username="maria"))


def test_a_person_s_own_account_counts_before_a_taken_username() -> None:
    record = AffiliationFactory.create(username="old")
    open_for(record)
    AccountFactory.create(username="new", person=None)
    record.username = "new"
    record.save()
    with pytest.raises(AlreadyActivated):
        ensure_none(record)


@pytest.mark.parametrize("username", ["", "maria"])
def test_nothing_stands_in_the_way_of_somebody_new(username: str) -> None:
    AccountFactory.create(username="", person=None)
    AccountFactory.create(username="another", person=None)
    record = AffiliationFactory.create(username=username)
    with CaptureQueriesContext(connection) as queries:
        ensure_none(record)
    assert len(queries) == 1


def test_a_typed_number_goes_into_the_record_and_identifies_the_person() -> None:
    record = WithoutAmkaFactory.create()
    open_for(record, supplied=SUPPLIED)
    assert Affiliation.objects.get(pk=record.pk).insurance_number == AMKA
    identity = insurance.identity("GR", AMKA, record.birth_date)
    assert identity is not None
    assert Person.objects.get(pk=record.person_id).identity == identity


def test_what_others_know_of_a_person() -> None:
    record = AffiliationFactory.build(
        person=None, department=None, username="mpap", registration_number="it00042", mobile="+306900000001"
    )
    fragments = Applicant(record).personal_fragments()
    assert fragments == personal_fragments(record)
    assert {"mpap", "it00042", AMKA, "6900000001", "Μαρία", "Papadopoulou", "21032005", "20050321"} <= set(fragments)
    empty = AffiliationFactory.build(person=None, department=None, birth_date=None, first_name_el="", mobile="")
    assert personal_fragments(empty)
