"""How often somebody may try, on every screen."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from activation.models import Activation
from tests.activation.visitor import (
    LIMITED,
    Visitor,
    alerts,
    goes_to,
    pins_sent_to,
    value_of,
    wrong,
)
from tests.factories import (
    AMKA,
    AffiliationFactory,
    WithoutAmkaFactory,
)

pytestmark = pytest.mark.django_db

NOT_FOUND = "No user was found with these details."
AMKA_FAILED = "The check of the AMKA failed."
NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def assert_limited(answer: Any) -> None:
    assert answer.status_code == LIMITED
    assert int(answer["Retry-After"]) > 0
    assert "Try again in" in alerts(answer)


def test_lookups_are_limited_per_contact_before_anything_is_looked_up(limit: Any) -> None:
    limit("lookup:contact", "2 per hour")
    record = AffiliationFactory.create()
    visitor = Visitor(record).begin()
    for _turn in range(2):
        assert alerts(visitor.give_contact(email="nobody@example.org")) == NOT_FOUND
    assert_limited(visitor.give_contact(email="nobody@example.org"))
    # Also in another browser, and whether there is such a record or not.
    assert_limited(Visitor().begin().give_contact(email="nobody@example.org"))
    AffiliationFactory.create(email="nobody@example.org")
    answer = visitor.give_contact(email="nobody@example.org")
    assert_limited(answer)
    assert value_of(answer, "email") == "nobody@example.org"
    assert goes_to(visitor.give_contact()) == "pin"


@pytest.mark.parametrize("rule", ["lookup:address", "pin-send:address", "pin-try:address", "password:address"])
def test_each_step_is_limited_per_address(rule: str, limit: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    limit(rule, "1 per 10 minutes")

    def walk(visitor: Visitor) -> Any:
        visitor.begin().give_contact()
        if goes_to(visitor.answers[-1]):
            visitor.type_pin()
            visitor.agree()
            visitor.register()
        return next((answer for answer in visitor.answers if answer.status_code == LIMITED), None)

    first, second, third = AffiliationFactory.create_batch(3)
    assert walk(Visitor(first, HTTP_X_FORWARDED_FOR="192.0.2.1")) is None
    assert_limited(walk(Visitor(second, HTTP_X_FORWARDED_FOR="198.51.100.66, 192.0.2.1")))
    assert walk(Visitor(third, HTTP_X_FORWARDED_FOR="192.0.2.2")) is None


def test_pins_are_limited_per_destination_and_day(limit: Any) -> None:
    limit("pin-send:destination", "2 per day")
    record = AffiliationFactory.create()
    for _turn in range(2):
        Visitor(record).reach_pin()
    visitor = Visitor(record).begin()
    answer = visitor.give_contact()
    assert_limited(answer)
    assert int(answer["Retry-After"]) > 3600
    assert len(pins_sent_to(record.mobile)) == 2
    # Nothing half-made is left: the attempt still waits for its contact, and the e-mail is another destination.
    assert Activation.objects.latest("pk").contact_at is None
    assert goes_to(visitor.give_contact(email=record.email)) == "pin"


def test_pins_are_limited_per_person_whatever_the_destination(limit: Any) -> None:
    limit("pin-send:person", "2 per day")
    record = AffiliationFactory.create()
    Visitor(record).reach_pin()
    Visitor(record).reach_pin(email=record.email)
    assert_limited(Visitor(record).begin().give_contact())


def test_a_new_pin_is_limited_too_and_the_old_one_lives_on(limit: Any) -> None:
    limit("pin-send:destination", "1 per day")
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = Visitor(AffiliationFactory.create()).reach_pin()
        clock.shift(31)
        answer = visitor.post("pin/new")
        assert_limited(answer)
        assert goes_to(visitor.type_pin()) == "confirm"


def test_pin_tries_are_limited_per_person(limit: Any) -> None:
    limit("pin-try:person", "3 per day")
    record = AffiliationFactory.create()
    for visitor in (Visitor(record).reach_pin(), Visitor(record).reach_pin()):
        for turn in range(1, 3):
            visitor.type_pin(wrong(visitor.pin(), turn))
    answer = visitor.type_pin()
    assert_limited(answer)
    assert not Activation.objects.filter(pin_verified_at__isnull=False).exists()


def test_clarifications_are_limited(limit: Any) -> None:
    limit("clarify:contact", "3 per hour")
    records = AffiliationFactory.create_batch(2, mobile="+306900000005")
    visitor = Visitor().begin()
    visitor.give_contact(mobile="+306900000005")
    for turn in range(3):
        assert alerts(visitor.post("clarify", registration_number=f"guess{turn}")) == NOT_FOUND
    assert_limited(visitor.post("clarify", registration_number=records[0].registration_number))


def test_amkas_are_limited_per_person(limit: Any) -> None:
    limit("insurance:person", "2 per hour")
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    for _turn in range(2):
        assert alerts(visitor.post("insurance", amka="21030500067")) == AMKA_FAILED
    answer = visitor.post("insurance", amka=AMKA)
    assert_limited(answer)
    assert value_of(answer, "amka") == AMKA
