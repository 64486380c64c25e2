"""What attempts came to: noted once each, by department and cohort, and kept as numbers when they are forgotten."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Message
from activation import progress, purging
from activation.models import Activation, ProgressCount, Reached
from registry.models import Affiliation
from tests.activation.visitor import Visitor, wrong
from tests.factories import AffiliationFactory, DepartmentFactory, WithoutAmkaFactory
from tests.races import race

pytestmark = pytest.mark.django_db
STEPS = Reached.STARTED | Reached.SENT | Reached.PROVED | Reached.CONFIRMED | Reached.DONE


def reached() -> Reached:
    return Reached(Activation.objects.latest("pk").reached)


def age_all() -> None:
    """As if the attempts were so old that they are forgotten."""
    Activation.objects.update(expires_at=timezone.now() - timedelta(hours=settings.KEEP_ATTEMPTS_HOURS + 1))


def kept() -> dict[tuple[str, str, str], int]:
    """By department, cohort and what it is."""
    rows = ProgressCount.objects.values_list("department__code", "cohort", "what", "number")
    return {(code or "", cohort, what): number for code, cohort, what, number in rows}


def test_every_step_is_noted() -> None:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    assert reached() == Reached(0)
    visitor.give_contact()
    assert reached() == Reached.STARTED
    Visitor(AffiliationFactory.create()).reach_pin()
    assert reached() == Reached.STARTED | Reached.SENT
    finishing = Visitor(AffiliationFactory.create()).reach_confirm()
    assert reached() == Reached.STARTED | Reached.SENT | Reached.PROVED
    finishing.agree()
    finishing.register()
    assert reached() == STEPS


def test_what_was_reached_stays_when_an_earlier_step_is_changed() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    visitor.give_contact(mobile=AffiliationFactory.create().mobile)
    assert Activation.objects.get().confirmed_at is None
    assert Reached.CONFIRMED in reached()


def test_every_error_is_noted_with_the_record_that_it_met() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).begin()
    for _twice in range(2):
        visitor.give_contact(mobile="+306900099999")
    assert reached() == Reached.NOT_FOUND
    missing = AffiliationFactory.create(username="")
    visitor.give_contact(mobile=missing.mobile)
    assert reached() == Reached.NOT_FOUND | Reached.STARTED | Reached.MISSING
    assert Activation.objects.get().met == missing
    visitor.give_contact(mobile=AffiliationFactory.create(insurance_number="21030500067").mobile)
    assert Reached.INSURANCE in reached()
    done = AffiliationFactory.create()
    Visitor(done).reach_password().register()
    visitor.give_contact(mobile=done.mobile)
    attempt = Activation.objects.earliest("pk")
    assert attempt.met == done
    assert Reached.ALREADY_ACTIVE in Reached(attempt.reached)


def test_wrong_expired_and_spent_pins_are_told_apart() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    visitor.type_pin(wrong(visitor.pin()))
    assert Reached.PIN_WRONG in reached()
    assert Reached.PIN_SPENT not in reached()
    for turn in range(2, 7):
        visitor.type_pin(wrong(visitor.pin(), turn))
    assert Reached.PIN_SPENT in reached()
    assert Reached.PIN_EXPIRED not in reached()


def test_who_disagrees_is_noted() -> None:
    Visitor(AffiliationFactory.create()).reach_confirm().post("confirm", decision="disagree")
    assert Reached.DISAGREED in reached()
    assert Reached.CONFIRMED not in reached()


def test_numbers_outlive_the_attempts_and_hold_no_person() -> None:
    informatics = AffiliationFactory.create_batch(2, inscription_year="2026-2027")
    nursing = AffiliationFactory.create(department=DepartmentFactory.create(code="200"), inscription_year="2025-2026")
    for record in informatics:
        Visitor(record).reach_pin()
    Visitor(nursing).reach_password()
    failing = Visitor(nursing).begin()
    failing.give_contact(mobile="+306900099999")
    Message.objects.filter(destination=informatics[0].mobile).update(state=Message.State.FAILED)
    live = progress.live_counts(Activation.objects.all())
    age_all()
    assert purging.purge()["attempts"] == 4
    assert not Activation.objects.exists()
    assert kept() == {
        ("100", "2026-2027", "started"): 2,
        ("100", "2026-2027", "sent"): 2,
        ("100", "2026-2027", "message_failed"): 1,
        ("200", "2025-2026", "started"): 1,
        ("200", "2025-2026", "sent"): 1,
        ("200", "2025-2026", "proved"): 1,
        ("200", "2025-2026", "confirmed"): 1,
        ("", "", "not_found"): 1,
    }
    assert sum(live.values()) == sum(kept().values())
    assert {field.name for field in ProgressCount._meta.get_fields()} == {
        *("id", "day", "kind", "department", "cohort", "what", "number")
    }


def test_later_attempts_of_a_day_are_added() -> None:
    for _time in range(2):
        Visitor(AffiliationFactory.create()).reach_pin()
        age_all()
        purging.purge()
    assert kept() == {("100", "", "started"): 2, ("100", "", "sent"): 2}
    assert purging.purge()["attempts"] == 0


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_count_each_attempt_once() -> None:
    for record in AffiliationFactory.create_batch(6):
        Visitor(record).reach_pin()
    age_all()
    results = race(*[purging.purge] * 3)
    # One that comes second to a number that was not there yet gives up as a whole; the next hour finds nothing lost.
    purging.purge()
    assert sum(result for result in results if isinstance(result, int)) <= 6
    assert kept() == {("100", "", "started"): 6, ("100", "", "sent"): 6}


def test_counting_costs_two_queries_whatever_the_number() -> None:
    record: Affiliation = AffiliationFactory.create()
    now = timezone.now()
    Activation.objects.bulk_create(
        Activation(key_digest=str(n), role="student", language="el", met=record, reached=n % 8, expires_at=now)
        for n in range(800)
    )
    with CaptureQueriesContext(connection) as queries:
        counts = progress.live_counts(Activation.objects.all())
    assert len(queries) == 2
    assert {bit: number for (_group, bit), number in counts.items()} == dict.fromkeys(
        (Reached.STARTED, Reached.SENT, Reached.PROVED), 400
    )
