"""The rules of the PIN, at the level of `accounts.pins`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import pins
from accounts.messages.send import Destination
from accounts.models import Message, Pin
from registry.models import Person
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 28, 12, 0, tzinfo=UTC)
BINDING, OTHER_BINDING = "a" * 64, "b" * 64
SMS = Destination("sms", "+306900000001")
EMAIL = Destination("email", "maria@example.org")


def issue(person: Person, binding: str = BINDING, replacing: Pin | None = None) -> tuple[Pin, str]:
    """A PIN and its digits, as they wait in the message that is about to be sent."""
    pin = pins.issue(
        purpose="activation", binding=binding, person=person, destinations=[SMS], language="en", replacing=replacing
    )
    return pin, Message.objects.get(pin=pin).secret


def check(code: str, person: Person, *, binding: str = BINDING, purpose: str = "activation") -> Pin:
    return pins.check(code, purpose=purpose, binding=binding, person=person)


def wrong(code: str, turn: int = 1) -> str:
    return f"{(int(code) + turn) % 10**6:06}"


@contextmanager
def says(refusal: type[pins.PinRefused], words: str) -> Iterator[None]:
    with pytest.raises(refusal) as refused:
        yield
    assert str(refused.value.message).startswith(words)


def exhaust(code: str, person: Person) -> None:
    for turn in range(1, 6):
        with pytest.raises(pins.PinRefused):
            check(wrong(code, turn), person)


def accept_messages(pin: Pin, at: datetime) -> None:
    Message.objects.filter(pin=pin).update(state=Message.State.SENT, sent_at=at)


@pytest.fixture
def person() -> Person:
    return PersonFactory.create()


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


# ---- Form and life ----------------------------------------------------------------------------------------


def test_has_six_digits_and_they_vary(person: Person) -> None:
    codes = {issue(person, binding=f"{turn:064}")[1] for turn in range(60)}
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    # 60 draws out of a million: two equal ones happen in 2 runs of 1,000, three never.
    assert len(codes) >= 58


def test_small_numbers_keep_their_leading_zeros(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda limit: 42)
    assert issue(person)[1] == "000042"


def test_works_once(person: Person) -> None:
    pin, code = issue(person)
    assert check(code, person) == pin
    with says(pins.PinUsed, "The PIN has been used: it works only once. Ask for a new one or start"):
        check(code, person)


@pytest.mark.parametrize(("age", "lives"), [(0, True), (14 * 60 + 59, True), (15 * 60, False), (86_400, False)])
def test_lives_for_fifteen_minutes(person: Person, age: int, lives: bool) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _pin, code = issue(person)
        clock.shift(timedelta(seconds=age))
        if lives:
            assert check(code, person)
        else:
            with says(pins.PinExpired, "The PIN has expired: it lives for 15 minutes"):
                check(code, person)


def test_an_expired_pin_counts_no_tries(person: Person) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        pin, code = issue(person)
        clock.shift(timedelta(minutes=16))
        exhaust(code, person)
    pin.refresh_from_db()
    assert pin.tries == 0


def test_five_wrong_tries_kill_it(person: Person) -> None:
    pin, code = issue(person)
    for turn, left in enumerate((4, 3, 2, 1), start=1):
        with pytest.raises(pins.PinWrong) as refused:
            check(wrong(code, turn), person)
        assert refused.value.tries_left == left
        ways = "You can try 1 more time." if left == 1 else f"You can try {left} more times."
        assert refused.value.message == f"Wrong PIN. {ways}"
    for attempt in (wrong(code, 5), code, code):
        with says(pins.PinExhausted, "The PIN is no longer valid: it was mistyped five times"):
            check(attempt, person)
    pin.refresh_from_db()
    assert (pin.tries, pin.used_at) == (5, None)
    assert not pin.is_open


def test_the_fifth_try_may_be_right(person: Person) -> None:
    _pin, code = issue(person)
    for turn in range(1, 5):
        with pytest.raises(pins.PinWrong):
            check(wrong(code, turn), person)
    used = check(code, person)
    used.refresh_from_db()
    assert used.used_at


def test_a_newer_one_kills_the_older_and_is_named(person: Person) -> None:
    first, old = issue(person)
    second, new = issue(person, replacing=first)
    while new == old:  # One in a million.
        second, new = issue(person, replacing=second)
    assert first.reference != second.reference
    with pytest.raises(pins.PinReplaced) as refused:
        check(old, person)
    assert refused.value.message.endswith(f"Type the PIN of the message marked {second.reference}.")
    assert check(new, person) == second
    with pytest.raises(pins.PinUsed):
        check(old, person)


def test_an_old_pin_does_not_come_back_when_the_newer_one_died(person: Person) -> None:
    first, old = issue(person)
    _second, new = issue(person, replacing=first)
    exhaust(new, person)
    with pytest.raises(pins.PinExhausted):
        check(old, person)


def test_nothing_but_a_keyed_hash_is_stored(person: Person) -> None:
    pin, code = issue(person)
    Message.objects.update(secret="")
    with connection.cursor() as cursor:
        for table in ("accounts_pin", "accounts_message"):
            cursor.execute(f"SELECT * FROM {table}")
            assert code not in " ".join(str(value) for row in cursor.fetchall() for value in row if value != pin.digest)
    assert len(pin.digest) == 64


def test_the_hash_needs_the_secret_key(person: Person, settings: Any) -> None:
    _pin, code = issue(person)
    settings.SECRET_KEY = "another-secret-of-the-tests-that-protects-nothing"
    with pytest.raises(pins.PinWrong):
        check(code, person)


def test_the_same_digits_of_two_pins_have_different_hashes(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda limit: 123456)
    assert issue(person)[0].digest != issue(person, binding=OTHER_BINDING)[0].digest


# ---- What it is bound to ----------------------------------------------------------------------------------


def test_another_attempt_s_pin_does_not_open(person: Person) -> None:
    _mine, my_code = issue(person)
    _other, other_code = issue(person, binding=OTHER_BINDING)
    if my_code != other_code:
        with pytest.raises(pins.PinWrong):
            check(other_code, person)
    assert check(my_code, person)


def test_a_pin_is_no_other_person_s(person: Person) -> None:
    pin, code = issue(person)
    with says(pins.PinMissing, "There is no PIN for this attempt"):
        check(code, PersonFactory.create())
    pin.refresh_from_db()
    assert pin.tries == 0


def test_a_pin_serves_no_other_purpose(person: Person) -> None:
    _pin, code = issue(person)
    with pytest.raises(pins.PinMissing):
        check(code, person, purpose="recovery")


def test_a_pin_moved_to_another_row_does_not_open(person: Person) -> None:
    """Who can write to the database but does not know the key can't give an attempt the PIN of another."""
    pin, code = issue(person)
    Pin.objects.filter(pk=pin.pk).update(binding=OTHER_BINDING)
    with pytest.raises(pins.PinWrong):
        check(code, person, binding=OTHER_BINDING)


def test_another_attempt_s_tries_and_uses_do_not_count(person: Person) -> None:
    _mine, my_code = issue(person)
    _other, other_code = issue(person, binding=OTHER_BINDING)
    exhaust(my_code, person)
    assert check(other_code, person, binding=OTHER_BINDING)


def test_revoked_pins_are_dead(person: Person) -> None:
    pin, code = issue(person)
    pins.revoke(purpose="activation", binding=BINDING)
    with pytest.raises(pins.PinMissing):
        check(code, person)
    pin.refresh_from_db()
    assert not pin.is_open


@settings(max_examples=20, deadline=None)
@given(code=st.text(max_size=40))
def test_whatever_is_typed_is_refused_politely(code: str) -> None:
    person = Person.objects.first() or PersonFactory.create()
    Pin.objects.all().delete()
    _pin, right = issue(person)
    if code != right:
        with pytest.raises(pins.PinWrong):
            check(code, person)


# ---- The second click -------------------------------------------------------------------------------------


def test_was_used_knows_only_the_very_pin(person: Person) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _pin, code = issue(person)
        assert not pins.was_used(code, purpose="activation", binding=BINDING, since=NOON - timedelta(seconds=20))
        check(code, person)
        clock.shift(5)
        since = NOON - timedelta(seconds=15)
        assert pins.was_used(code, purpose="activation", binding=BINDING, since=since)
        assert not pins.was_used(wrong(code), purpose="activation", binding=BINDING, since=since)
        assert not pins.was_used(code, purpose="activation", binding=OTHER_BINDING, since=since)
        assert not pins.was_used(code, purpose="activation", binding=BINDING, since=NOON + timedelta(seconds=1))


# ---- A new one --------------------------------------------------------------------------------------------


def test_waits_grow_and_start_when_a_message_was_accepted(person: Person) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        pin: Pin | None = None
        for wait in (30, 60, 120, 120):
            pin, _code = issue(person, replacing=pin)
            # The gateway took its time: the wait starts when it had accepted the message.
            clock.shift(timedelta(seconds=7))
            accept_messages(pin, datetime.now(UTC))
            assert (pins.renewal(pin).seconds, pins.renewal(pin).allowed) == (wait, False)
            clock.shift(timedelta(seconds=wait - 1))
            assert (pins.renewal(pin).seconds, pins.renewal(pin).allowed) == (1, False)
            clock.shift(timedelta(seconds=1))
            assert (pins.renewal(pin).seconds, pins.renewal(pin).allowed) == (0, True)


def test_a_failed_send_frees_the_wait_at_once(person: Person) -> None:
    pin, _code = issue(person)
    assert not pins.renewal(pin).allowed
    Message.objects.filter(pin=pin).update(state=Message.State.FAILED, error="unavailable")
    assert pins.renewal(pin).allowed


def test_one_of_two_sends_that_succeeded_keeps_the_wait(person: Person) -> None:
    pin = pins.issue(purpose="activation", binding=BINDING, person=person, destinations=[SMS, EMAIL], language="en")
    Message.objects.filter(pin=pin, channel="sms").update(state=Message.State.FAILED)
    Message.objects.filter(pin=pin, channel="email").update(state=Message.State.SENT, sent_at=pin.created_at)
    assert not pins.renewal(pin).allowed


def test_replacing_the_same_pin_twice_sends_one(person: Person) -> None:
    pin, _code = issue(person)
    issue(person, replacing=pin)
    with pytest.raises(pins.RenewalTooEarly) as early:
        issue(person, replacing=pin)
    assert early.value.retry_after == 30
    assert early.value.message == "A PIN was just sent to you. Try again in 30 seconds."
    assert Message.objects.count() == 2


def test_latest_is_the_newest_of_the_attempt(person: Person) -> None:
    first, _code = issue(person)
    issue(person, binding=OTHER_BINDING)
    second, _code = issue(person, replacing=first)
    assert pins.latest(purpose="activation", binding=BINDING) == second
    assert pins.latest(purpose="activation", binding="c" * 64) is None


def test_messages_carry_the_pin_encrypted(person: Person) -> None:
    pin = pins.issue(purpose="activation", binding=BINDING, person=person, destinations=[SMS, EMAIL], language="el")
    sms, email = Message.objects.order_by("-channel")
    assert sms.secret == email.secret
    assert (sms.pin, sms.destination, email.destination) == (pin, SMS.address, EMAIL.address)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_message")
        assert all(sms.secret not in stored and stored.startswith("gAAAA") for (stored,) in cursor.fetchall())
