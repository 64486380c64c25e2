"""Accounts follow the records of their people: changes, ends, the time of grace, returns."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts import lifecycle
from accounts.directory import sync
from accounts.messages.compose import compose
from accounts.messages.gsm import length
from accounts.models import Account, AuditEvent, Message
from registry.models import Affiliation, Person, Status
from tests.accounts.directory.entries import activated, entry_of, held
from tests.factories import AffiliationFactory
from tests.races import race

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def student(**fields: Any) -> Account:
    account = activated(username="maria05")
    Account.objects.update(**{"recovery_email": "maria@example.org", "language": "en", **fields})
    sync.write_due()
    return again(account)


def again(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def ends() -> None:
    """The source says so, as an import notes it."""
    Affiliation.objects.update(status=Status.INACTIVE)
    Person.objects.all().revise()


def returns() -> None:
    Affiliation.objects.update(status=Status.ACTIVE)
    Person.objects.all().revise()


def said() -> list[str]:
    """The events that people were told of, oldest first."""
    return [message.context["event"] for message in Message.objects.filter(template="lifecycle").order_by("created_at")]


def acts() -> list[str]:
    events = AuditEvent.objects.filter(act__in=["account.ending", "account.closed", "account.returned"])
    return list(events.order_by("pk").values_list("act", flat=True))


def follow() -> int:
    done = lifecycle.follow()
    sync.write_due()
    return done


def test_a_changed_record_changes_the_entry(clock: time_machine.Traveller) -> None:
    account = student()
    assert follow() == 0
    Affiliation.objects.update(last_name_en="Pappa")
    Person.objects.all().revise()
    assert follow() == 1
    assert held("maria05")["sn"] == ["Pappa"]
    assert again(account).expires_at is None


def test_the_whole_course(clock: time_machine.Traveller) -> None:
    account = student()
    ends()
    follow()
    assert again(account).expires_at == NOON + timedelta(days=30)
    assert "student" not in held("maria05").get("eduPersonAffiliation", [])
    assert held("maria05")["schacExpiryDate"] == ["20261224100000Z"]
    assert held("maria05")["userPassword"], "it works until then"

    clock.shift(timedelta(days=22, hours=23))
    follow()
    assert said() == ["ending"]
    clock.shift(timedelta(hours=2))
    follow()
    follow()
    assert said() == ["ending", "ending"], "once more, a week before"

    clock.shift(timedelta(days=7))
    follow()
    closed = again(account)
    assert closed.closed_at
    assert closed.is_active, "which is the operator's to decide"
    assert closed.epoch == account.epoch + 1, "its sessions have ended"
    assert "userPassword" not in held("maria05")

    clock.shift(timedelta(days=200))
    assert follow() == 0
    returns()
    follow()
    opened = again(account)
    assert (opened.closed_at, opened.expires_at, opened.expiry_told_at) == (None, None, None)
    assert held("maria05")["userPassword"] == ["{ARGON2}…"]
    assert said() == ["ending", "ending", "closed", "returned"]
    assert acts() == ["account.ending", "account.closed", "account.returned"]


def test_a_return_within_the_time_of_grace(clock: time_machine.Traveller) -> None:
    account = student()
    ends()
    follow()
    returns()
    follow()
    clock.shift(timedelta(days=40))
    follow()
    assert again(account).is_open
    assert said() == ["ending", "returned"]


def test_another_record_keeps_the_account(clock: time_machine.Traveller) -> None:
    account = student()
    ends()
    AffiliationFactory(person=account.person, username="maria05")
    follow()
    assert again(account).expires_at is None
    assert said() == []


def test_a_short_grace_is_announced_once(clock: time_machine.Traveller, settings: Any) -> None:
    settings.GRACE_DAYS = 5
    student()
    ends()
    follow()
    clock.shift(timedelta(days=1))
    follow()
    assert said() == ["ending"]


def test_a_record_that_returns_in_the_last_moment_is_not_overlooked(clock: time_machine.Traveller) -> None:
    account = student()
    ends()
    follow()
    clock.shift(timedelta(days=31))
    returns()
    assert lifecycle._close() == 0, "what has changed is looked at first"
    follow()
    assert again(account).is_open


def test_an_account_that_the_operator_made_inactive_stays_so(clock: time_machine.Traveller) -> None:
    account = student(is_active=False)
    ends()
    follow()
    clock.shift(timedelta(days=31))
    follow()
    returns()
    follow()
    back = again(account)
    assert (back.closed_at, back.is_active) == (None, False)
    assert "userPassword" not in held("maria05")


def test_few_statements_whatever_the_number(clock: time_machine.Traveller, django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        for _each in range(count):
            activated()
        Account.objects.update(recovery_email="maria@example.org")
        lifecycle.follow()
        ends()
        with django_assert_num_queries(20):
            lifecycle.follow()
        returns()
        lifecycle.follow()


def test_who_left_no_contact_is_told_nothing_and_closed_all_the_same(clock: time_machine.Traveller) -> None:
    account = student(recovery_email="")
    ends()
    follow()
    clock.shift(timedelta(days=31))
    follow()
    assert not again(account).is_open
    assert said() == []


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("event", ["ending", "closed", "returned"])
@pytest.mark.parametrize("closed", [False, True])
def test_what_people_are_told(language: str, event: str, closed: bool) -> None:
    context = {"event": event, "username": "a" * 20, "day": "24/12/2026", "closed": closed}
    sms = compose(Message(template="lifecycle", language=language, channel="sms", context=context))
    assert length(sms.body) <= 160, sms.body
    mail = compose(Message(template="lifecycle", language=language, channel="email", context=context))
    for text in (mail.subject, mail.body, mail.html):
        assert "aaaaa" in text
        assert ("24/12/2026" in text) is (event == "ending")


@pytest.mark.django_db(transaction=True)
def test_two_that_follow_together_take_each_step_once() -> None:
    account = student()
    ends()
    assert [each for each in race(*[lifecycle.follow] * 4) if isinstance(each, Exception)] == []
    assert (said(), acts()) == (["ending"], ["account.ending"])
    Account.objects.update(expires_at=NOON - timedelta(days=400))
    assert [each for each in race(*[lifecycle.follow] * 4) if isinstance(each, Exception)] == []
    assert (said(), acts()) == (["ending", "closed"], ["account.ending", "account.closed"])
    assert again(account).epoch == account.epoch + 1
    assert entry_of(account).wanted > 1
