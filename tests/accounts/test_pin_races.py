"""Fifty threads at one PIN, on SQLite and on PostgreSQL."""

import hmac
import threading
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import pins
from accounts.messages.send import Destination, deliver
from accounts.models import InboxMessage, Message, Pin
from registry.models import Person
from tests.factories import PersonFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)

BINDING = "a" * 64
THREADS = 50


def issue(person: Person, replacing: Pin | None = None) -> Pin:
    destinations = [Destination("sms", "+306900000001")]
    return pins.issue(
        purpose="activation", binding=BINDING, person=person, destinations=destinations, language="en",
        replacing=replacing,
    )  # fmt: skip


def sent_code() -> str:
    text = InboxMessage.objects.order_by("-pk")[0].text
    return text.rpartition("#")[2]


def check(person: Person, code: str) -> Pin:
    """As the wizard does: in a transaction that survives the refusal."""
    refusal: pins.PinRefused | None = None
    with transaction.atomic():
        try:
            return pins.check(code, purpose="activation", binding=BINDING, person=person)
        except pins.PinRefused as refused:
            refusal = refused
    raise refusal


@pytest.mark.parametrize("inside", [True, False])
def test_one_pin_has_one_winner(inside: bool) -> None:
    person = PersonFactory.create()
    pin = issue(person)
    code = sent_code()
    plain = partial(pins.check, code, purpose="activation", binding=BINDING, person=person)
    results = race(*[partial(check, person, code) if inside else plain] * THREADS)
    kinds = Counter(type(result).__name__ for result in results)
    assert kinds["Pin"] == 1
    # Who came while the PIN was open and lost, or came later, hears that it was used or worn out: no other error.
    assert kinds["Pin"] + kinds["PinUsed"] + kinds["PinExhausted"] == THREADS, kinds
    pin.refresh_from_db()
    assert pin.used_at


def test_fifty_wrong_guesses_get_at_most_five_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    person = PersonFactory.create()
    pin = issue(person)
    code = sent_code()
    compared: list[str] = []
    original, lock = hmac.compare_digest, threading.Lock()

    def counting(first: Any, second: Any) -> bool:
        with lock:
            compared.append(first)
        return original(first, second)

    monkeypatch.setattr("accounts.pins.hmac.compare_digest", counting)
    guesses = [f"{(int(code) + turn) % 10**6:06}" for turn in range(1, THREADS + 1)]
    results = race(*[partial(check, person, guess) for guess in guesses])
    assert {type(result) for result in results} <= {pins.PinWrong, pins.PinExhausted}
    assert compared.count(pin.digest) == 5
    pin.refresh_from_db()
    assert (pin.tries, pin.used_at) == (5, None)
    with pytest.raises(pins.PinExhausted):
        check(person, code)


def test_the_right_pin_among_many_guesses_wins_at_most_once_and_only_among_the_first_five() -> None:
    for _round in range(3):
        Pin.objects.all().delete()
        person = PersonFactory.create()
        pin = issue(person)
        code = sent_code()
        guesses = [f"{(int(code) + turn) % 10**6:06}" for turn in range(20)] + [code] * 5
        results = race(*[partial(check, person, guess) for guess in guesses])
        winners = [result for result in results if isinstance(result, Pin)]
        pin.refresh_from_db()
        assert len(winners) == (1 if pin.used_at else 0)
        assert pin.tries <= pins.MOST_TRIES


def test_of_many_requests_for_a_new_pin_one_is_sent() -> None:
    person = PersonFactory.create()
    first = issue(person)
    results = race(*[partial(issue, person, first)] * THREADS)
    assert sum(isinstance(result, Pin) for result in results) == 1
    assert sum(isinstance(result, pins.RenewalTooEarly) for result in results) == THREADS - 1
    assert Message.objects.count() == InboxMessage.objects.count() == 2
    assert Pin.objects.filter(replaced_at=None, used_at=None).count() == 1


def test_a_message_is_sent_once() -> None:
    with transaction.atomic():
        issue(PersonFactory.create())
    Message.objects.update(state=Message.State.QUEUED, secret="123456", due_at=timezone.now())
    InboxMessage.objects.all().delete()
    race(*[partial(deliver, Message.objects.get().pk)] * 20)
    assert InboxMessage.objects.count() == 1
