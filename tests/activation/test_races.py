"""Double clicks, two tabs and two browsers at once, on SQLite and on PostgreSQL."""

from functools import partial

import pytest

from accounts.models import Account, AuditEvent, Message, Pin
from accounts.opening import AlreadyActivated, open_account
from activation import attempts
from activation.models import Activation
from registry.models import Affiliation
from tests.activation.visitor import LIMITED, PASSWORD, Visitor, alerts, goes_to, pins_sent_to, value_of
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory
from tests.races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_limits")]


def tabs(visitor: Visitor, number: int) -> list[Visitor]:
    """The same browser several times: what a double click and a second tab are for the server."""
    return [visitor.another_tab_with(visitor.cookies()) for _number in range(number)]


def steps(results: object) -> list[str]:
    assert isinstance(results, list)
    assert [error for error in results if isinstance(error, Exception)] == []
    return [goes_to(result) for result in results]


def shows_confirmation(tab: Visitor) -> bool:
    return value_of(tab.get("confirm"), "store_contacts") is not None


def test_fifty_submissions_of_one_pin_prove_one_attempt_once() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    pin = visitor.pin()
    clicks = tabs(visitor, 50)
    results = race(*[partial(tab.post, "pin", pin=pin) for tab in clicks])
    assert set(steps(results)) <= {"confirm", "pin", "password", ""}
    assert steps(results).count("confirm") == 1
    assert Pin.objects.get().used_at
    activation = Activation.objects.get()
    # All clicks are one browser's, and each answer gave it the same key.
    keys = {tab.client.session[attempts.SESSION_KEY] for tab in clicks if shows_confirmation(tab)}
    assert {attempts._key_digest(key) for key in keys} == {activation.key_digest}


def test_the_second_click_on_the_pin_goes_on_too() -> None:
    """Whichever answer the browser shows at last, it is not an error."""
    for _round in range(5):
        visitor = Visitor(AffiliationFactory.create()).reach_pin()
        pin = visitor.pin()
        clicks = tabs(visitor, 2)
        assert sorted(steps(race(*[partial(tab.post, "pin", pin=pin) for tab in clicks]))) == ["confirm", "pin"]
        assert all(shows_confirmation(tab) for tab in clicks)


def test_a_contact_submitted_twice_sends_one_pin() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).begin()
    results = race(*[partial(tab.give_contact) for tab in tabs(visitor, 10)])
    assert set(steps(results)) == {"pin"}
    assert Message.objects.count() == Pin.objects.count() == len(pins_sent_to(record.mobile)) == 1
    assert goes_to(visitor.type_pin()) == "confirm"


def test_two_contacts_at_once_leave_one_attempt_with_one_open_pin() -> None:
    first, second = AffiliationFactory.create_batch(2)
    visitor = Visitor().begin()
    one, two = tabs(visitor, 2)
    steps(race(partial(one.give_contact, mobile=first.mobile), partial(two.give_contact, mobile=second.mobile)))
    row = Activation.objects.get()
    still_open = Pin.objects.get(replaced_at=None)
    assert row.affiliation is not None
    assert still_open.person == row.affiliation.person
    assert row.mobile == row.affiliation.mobile


def test_an_insurance_number_submitted_twice_sends_one_pin() -> None:
    record = WithoutAmkaFactory.create()
    visitor = Visitor(record).begin()
    visitor.give_contact()
    results = race(*[partial(tab.post, "insurance", amka=AMKA) for tab in tabs(visitor, 10)])
    assert set(steps(results)) == {"pin"}
    assert len(pins_sent_to(record.mobile)) == 1


def test_a_new_pin_asked_for_twice_is_sent_once() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_pin()
    # A failed message may be replaced at once, so that all of them may try.
    Message.objects.update(state=Message.State.FAILED)
    results = race(*[partial(tab.post, "pin/new") for tab in tabs(visitor, 10)])
    steps(results)
    assert (
        sorted(result.status_code for result in results if not isinstance(result, Exception)) == [302] + [LIMITED] * 9
    )
    assert len(pins_sent_to(record.mobile)) == 2
    assert goes_to(visitor.type_pin()) == "confirm"


def test_one_attempt_finished_twice_gives_one_account_and_both_arrive() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    results = race(*[partial(tab.register) for tab in tabs(visitor, 8)])
    assert set(steps(results)) == {"done"}
    assert Account.objects.count() == AuditEvent.objects.filter(act="account.opened").count() == 1
    assert visitor.get("done").status_code == 200


def test_two_attempts_of_one_person_give_one_account() -> None:
    record = AffiliationFactory.create()
    passwords = [f"{PASSWORD} {number}" for number in range(4)]
    visitors = [Visitor(record).reach_password() for _password in passwords]
    pairs = zip(visitors, passwords, strict=True)
    results = race(*[partial(visitor.register, password) for visitor, password in pairs])
    arrived = [place for place, step in enumerate(steps(results)) if step == "done"]
    assert len(arrived) == 1
    others = [result for place, result in enumerate(results) if place not in arrived]
    assert {alerts(other) for other in others} == {"Your account has already been activated."}  # type: ignore[arg-type] # No exception is among them.
    assert Account.objects.get().check_password(passwords[arrived[0]])
    assert Activation.objects.filter(finished_at__isnull=False).count() == 1


def test_one_username_in_two_persons_records_gives_one_account() -> None:
    records = AffiliationFactory.create_batch(2, username="maria")
    visitors = [Visitor(record).reach_password() for record in records]
    results = race(*[visitor.register for visitor in visitors])
    assert sorted(steps(results)) == ["", "done"]
    (refused,) = (result for result in results if not goes_to(result))  # type: ignore[arg-type] # As above.
    assert "Your username belongs to another account." in alerts(refused)  # type: ignore[arg-type] # As above.


def test_fifty_openings_for_one_person_give_one_account() -> None:
    record = AffiliationFactory.create()
    results = race(*[partial(open_account, record, password_hash="!")] * 50)
    assert sum(isinstance(result, Account) for result in results) == 1
    assert sum(isinstance(result, AlreadyActivated) for result in results) == 49


def test_who_disagrees_in_one_tab_while_finishing_in_another_has_either() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    finishing, disagreeing = tabs(visitor, 2)
    race(finishing.register, partial(disagreeing.post, "confirm", decision="disagree"))
    row = Activation.objects.get()
    assert Account.objects.count() == (1 if row.finished_at else 0)


def test_a_record_that_changes_while_the_password_is_hashed_opens_nothing_half() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_password()
    race(visitor.register, record.save)
    opened = Account.objects.count()
    assert opened == Activation.objects.filter(finished_at__isnull=False).count()
    assert Affiliation.objects.get(pk=record.pk).person.activated_at is None or opened == 1
