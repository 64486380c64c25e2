"""The PIN as the browser sees it: typed wrong, late, twice; renewed; not delivered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Pin
from activation.models import Activation
from tests.activation.visitor import (
    LIMITED,
    OK,
    Visitor,
    alerts,
    goes_to,
    page,
    pins_sent_to,
    wrong,
)
from tests.factories import (
    AMKA,
    AffiliationFactory,
    WithoutAmkaFactory,
)
from tests.services.mail import MailServer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def test_the_pin_page_knows_the_fate_of_its_messages() -> None:
    record = AffiliationFactory.create(mobile="+306900000001", email="maria@example.org")
    visitor = Visitor(record).reach_pin(mobile=record.mobile, email=record.email)
    screen = page(visitor.get("pin"))
    assert "+30 •••••001" in screen
    assert "m•••••@example.org" in screen
    assert screen.count("state--sent") == 2
    assert "6900000001" not in screen
    assert record.email not in screen
    assert f"<strong>{Pin.objects.get().reference}</strong>" in screen
    assert visitor.pin() not in screen


def test_a_wrong_pin_says_how_many_tries_are_left() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    pin = visitor.pin()
    for turn, left in enumerate(("4 more times", "3 more times", "2 more times", "1 more time"), start=1):
        answer = visitor.type_pin(wrong(pin, turn))
        assert answer.status_code == OK
        assert f"Wrong PIN. You can try {left}." in alerts(answer)
    for attempt in (wrong(pin, 5), pin):
        answer = visitor.type_pin(attempt)
        assert "The PIN is no longer valid: it was mistyped five times. Ask for a new one." in alerts(answer)
    assert "Nothing you have given is lost." in page(answer)
    assert 'action="/activation/pin/new/"' in page(answer)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34"])
def test_what_is_no_pin_costs_no_try(typed: str) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    for _turn in range(6):
        answer = visitor.post("pin", pin=typed)
        assert ("The PIN has six digits." if typed else "Type the PIN of the message.") in alerts(answer)
    assert goes_to(visitor.type_pin()) == "confirm"


def test_spaces_in_the_pin_are_forgiven() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    pin = visitor.pin()
    assert goes_to(visitor.type_pin(f" {pin[:3]} {pin[3:]} ")) == "confirm"


def test_an_expired_pin_is_said_to_be_and_a_new_one_works() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        record = AffiliationFactory.create()
        visitor = Visitor(record).reach_pin(mobile=record.mobile, email=record.email)
        pin = visitor.pin()
        clock.shift(timedelta(minutes=15))
        answer = visitor.type_pin(pin)
        assert "The PIN has expired: it lives for 15 minutes. Ask for a new one." in alerts(answer)
        assert "Nothing you have given is lost." in page(answer)
        assert goes_to(visitor.post("pin/new")) == "pin"
        assert len(pins_sent_to(record.mobile)) == len(pins_sent_to(record.email)) == 2
        assert goes_to(visitor.type_pin()) == "confirm"


def test_a_replaced_pin_says_which_one_counts() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = Visitor(AffiliationFactory.create()).reach_pin()
        old = visitor.pin()
        clock.shift(31)
        visitor.post("pin/new")
        newest = Pin.objects.latest("created_at")
        answer = visitor.type_pin(old)
        words = f"This PIN was replaced by a newer one. Type the PIN of the message marked {newest.reference}."
        assert words in alerts(answer)
        assert goes_to(visitor.type_pin()) == "confirm"


def test_a_used_pin_is_said_to_be() -> None:
    """The database keeps an attempt at the PIN step whose PIN was used: only a lost write can make one."""
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    Pin.objects.update(used_at=timezone.now())
    assert "The PIN has been used: it works only once. Ask for a new one or start again." in alerts(visitor.type_pin())


def test_another_attempt_s_pin_does_not_open_this_one() -> None:
    maria, other = (Visitor(record).reach_pin() for record in AffiliationFactory.create_batch(2))
    if maria.pin() != other.pin():
        assert "Wrong PIN." in alerts(maria.type_pin(other.pin()))
    # Nor does that of another session of the same person.
    again = Visitor(maria.record).reach_pin()
    newest, oldest = pins_sent_to(maria.record.mobile)  # type: ignore[union-attr] # Has a record.
    assert "Wrong PIN." in alerts(maria.type_pin(newest))
    assert "Wrong PIN." in alerts(again.type_pin(oldest))
    assert goes_to(maria.type_pin(oldest)) == "confirm"
    assert goes_to(again.type_pin(newest)) == "confirm"


def test_new_pins_wait_30_60_and_120_seconds_and_lose_nothing() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        record = WithoutAmkaFactory.create()
        visitor = Visitor(record).begin()
        visitor.give_contact(mobile=record.mobile, email=record.email)
        visitor.post("insurance", amka=AMKA)
        for sent, wait in enumerate((30, 60, 120, 120), start=1):
            answer = visitor.post("pin/new")
            assert (answer.status_code, answer["Retry-After"]) == (LIMITED, str(wait))
            words = f"{wait} seconds" if wait <= 90 else "2 minutes"
            assert f"A PIN was just sent to you. Try again in {words}." in alerts(answer)
            clock.shift(wait - 1)
            assert visitor.post("pin/new")["Retry-After"] == "1"
            clock.shift(1)
            assert goes_to(visitor.post("pin/new")) == "pin"
            assert len(pins_sent_to(record.mobile)) == len(pins_sent_to(record.email)) == sent + 1
        assert goes_to(visitor.type_pin()) == "confirm"
        activation = Activation.objects.get()
        assert (activation.mobile, activation.email, activation.insurance_number) == (record.mobile, record.email, AMKA)


def test_the_pin_can_be_typed_where_a_new_one_was_asked_for_too_early() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    answer = visitor.post("pin/new")
    assert answer.status_code == LIMITED
    assert '<form method="post" action="/activation/pin/" novalidate>' in page(answer)


def test_a_failed_message_is_explained_and_frees_the_wait(mail: MailServer, settings: Any) -> None:
    settings.EMAIL_GATEWAY, settings.EMAIL_HOST, settings.EMAIL_PORT = "email", "127.0.0.1", mail.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    record = AffiliationFactory.create()
    mail.refuse(record.email)
    visitor = Visitor(record).reach_pin(email=record.email)
    screen = page(visitor.get("pin"))
    assert "state--failed" in screen
    assert "The network or mail server does not know this address or number." in screen
    mail.forget()
    assert goes_to(visitor.post("pin/new")) == "pin"
    assert "state--sent" in page(visitor.get("pin"))
    pin = mail.to(record.email)[0].text
    assert goes_to(visitor.type_pin(next(word for word in pin.split() if word.isdigit() and len(word) == 6)))
