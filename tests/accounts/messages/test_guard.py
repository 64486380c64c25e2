"""Paid SMS is no weapon: countries, budgets, and an alarm that does not become a nuisance."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import throttle
from accounts.messages import alarm, guard
from accounts.messages.send import Destination, queue, sweep
from accounts.models import InboxMessage, Message, Pin
from tests.accounts.messages.rows import pin_of, queued
from tests.factories import AffiliationFactory, PersonFactory

pytestmark = pytest.mark.django_db
State = Message.State
NOON = datetime(2026, 9, 28, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_budgets(settings: Any) -> Iterator[None]:
    settings.LIMITS = settings.LIMITS | {"sms:all": "5 per hour", "sms:range": "3 per hour"}
    settings.OPERATOR_EMAIL = "noc@example.org"
    throttle._limit.cache_clear()
    yield
    throttle._limit.cache_clear()


def alarms() -> list[Message]:
    return list(Message.objects.filter(template="alarm"))


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("+306900000001", ""),
        ("+35799123456", ""),
        ("+447400123456", ""),
        # Premium and satellite ranges, and countries where nobody of ours has a mobile.
        ("+88213123456", "country"),
        ("+2521234567", "country"),
        ("+12025550123", "country"),
        ("+37060112345", ""),
    ],
)
def test_countries(number: str, refusal: str) -> None:
    assert guard.refusal("sms", number) == refusal


def test_e_mail_knows_no_country_and_no_budget() -> None:
    assert {guard.refusal("email", "maria@example.org") for _turn in range(20)} == {""}


def test_a_range_of_numbers_has_a_budget() -> None:
    assert [guard.refusal("sms", f"+30690000000{turn}") for turn in range(5)] == ["", "", "", "budget", "budget"]
    assert guard.refusal("sms", "+306970000001") == ""


def test_the_hour_has_a_budget() -> None:
    ranges = [f"+3069{digit}0000001" for digit in range(7)]
    assert [guard.refusal("sms", number) for number in ranges] == [""] * 5 + ["budget"] * 2


def test_the_budget_is_back_after_the_hour() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _turn in range(4):
            refused = guard.refusal("sms", "+306900000001")
        assert refused == "budget"
        clock.shift(timedelta(hours=1, seconds=1))
        assert guard.refusal("sms", "+306900000001") == ""


def test_what_is_refused_is_a_failed_row_without_its_pin(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = queued(address="+12025550123")
    message.refresh_from_db()
    assert (message.state, message.error, message.secret, message.tries) == (State.FAILED, "country", "", 0)
    assert InboxMessage.objects.count() == 0


def test_the_person_is_told_and_the_e_mail_still_goes(settings: Any) -> None:
    from tests.activation.visitor import Visitor

    settings.SMS_COUNTRIES = ["CY"]
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_pin(mobile=record.mobile, email=record.email)
    page = visitor.get("pin").content.decode()
    assert "SMS are not sent to numbers of this country. Use your e-mail." in page
    assert [message.channel for message in InboxMessage.objects.all()] == ["email"]


def test_the_operator_is_told_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _turn in range(9):
            guard.refusal("sms", "+306900000001")
        assert caplog.text.count("ALARM sms-budget") == 1
        assert len(alarms()) == 1
        clock.shift(timedelta(hours=1, seconds=1))
        for _turn in range(9):
            guard.refusal("sms", "+306900000001")
        assert len(alarms()) == 2
    assert "+3069" not in caplog.text
    assert "+3069" not in repr([message.context for message in alarms()])


def test_the_alarm_is_an_e_mail_that_the_sweeper_sends(settings: Any) -> None:
    alarm.ring("sms-budget", "An SMS was refused.")
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.MESSAGE_SWEEP + 1), tick=False):
        sweep()
    inbox = InboxMessage.objects.get()
    assert (inbox.to, inbox.subject) == ("noc@example.org", "URegister alarm: sms-budget")
    assert "An SMS was refused." in inbox.text
    assert alarms()[0].state == State.SENT


def test_without_an_operator_s_address_the_log_must_do(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.OPERATOR_EMAIL = ""
    alarm.ring("sms-budget", "An SMS was refused.")
    assert "ALARM sms-budget" in caplog.text
    assert alarms() == []


# ---- Many sent, few typed in --------------------------------------------------------------------------------------


def sent_pins(count: int, *, typed: int, channel: str = "sms") -> None:
    person = PersonFactory.create()
    age = {"created_at": NOON - timedelta(minutes=10), "expires_at": NOON + timedelta(minutes=5)}
    for turn in range(count):
        pin = pin_of(person, **age, used_at=NOON if turn < typed else None)
        pin.save()
        Message.objects.create(
            template="activation", language="el", channel=channel, destination="+306900000001", pin=pin,
            state=State.SENT, sent_at=NOON - timedelta(minutes=10),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "typed", "channel", "rings"),
    [(50, 9, "sms", 1), (50, 10, "sms", 0), (49, 0, "sms", 0), (60, 0, "email", 0)],
)
def test_many_pins_of_which_few_are_typed_in(count: int, typed: int, channel: str, rings: int) -> None:
    sent_pins(count, typed=typed, channel=channel)
    with time_machine.travel(NOON, tick=False):
        alarm.watch_pins()
        alarm.watch_pins()
    assert len(alarms()) == rings
    if rings:
        assert alarms()[0].context["text"].startswith("50 PINs were sent by SMS in half an hour and only 9 ")


def test_old_and_fresh_pins_are_not_counted() -> None:
    sent_pins(60, typed=0)
    Pin.objects.update(created_at=NOON - timedelta(minutes=2))
    with time_machine.travel(NOON, tick=False):
        alarm.watch_pins()
    Pin.objects.update(created_at=NOON - timedelta(minutes=40))
    with time_machine.travel(NOON, tick=False):
        alarm.watch_pins()
    assert alarms() == []


def test_messages_to_nobody() -> None:
    assert queue([], template="alarm", language="en") == []
    assert queue([Destination("email", "a@example.org")], template="alarm", language="en")[0].state == State.QUEUED
