"""Activation letters: who gets in with one, who does not, and that each opens one account."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import printed_codes
from accounts.models import Account, AuditEvent
from activation import attempts, letters
from activation.models import Activation, ActivationLetter, Reached
from registry.models import Affiliation, Status
from tests.activation.visitor import LIMITED, PASSWORD, Visitor, alerts, goes_to, page, value_of
from tests.factories import AMKA, AccountFactory, AffiliationFactory, StaffFactory, WithoutAmkaFactory
from tests.races import race

pytestmark = pytest.mark.django_db
REFUSED = "These do not belong together"


class Contactless(AffiliationFactory):
    mobile_given = mobile = email_given = email = ""


def issue(record: Affiliation) -> str:
    [letter] = letters.issue([record], issued_by=AccountFactory.create())
    return letter.code


def give(visitor: Visitor, record: Affiliation, code: str, **changed: str) -> Any:
    fields = {"role": record.role.value, "registration_number": record.registration_number, "code": code}
    return visitor.post("letter", **fields | changed)


# ---- The way of a letter ----------------------------------------------------------------------------------------


def test_a_letter_takes_the_place_of_contact_and_pin() -> None:
    record = Contactless.create()
    code = issue(record)
    visitor = Visitor(record)
    assert goes_to(give(visitor, record, code.lower().replace("-", " "))) == "confirm"
    shown = visitor.get("confirm")
    assert value_of(shown, "store_contacts") is None
    assert "add yours in MyPassword" in page(shown)
    assert goes_to(visitor.post("confirm", decision="agree", store_contacts="on")) == "password"
    assert goes_to(visitor.register()) == "done"
    assert "no mobile or e-mail for recovery" in page(visitor.get("done"))
    account = Account.objects.get(person=record.person)
    assert (str(account.recovery_mobile), account.recovery_email) == ("", "")
    letter = ActivationLetter.objects.get()
    assert letter.used_at
    assert AuditEvent.objects.filter(act="letter.used", person=record.person).count() == 1


def test_only_a_hash_of_the_code_is_kept() -> None:
    code = issue(Contactless.create())
    kept = str(ActivationLetter.objects.values().get()) + str(list(AuditEvent.objects.values()))
    assert code not in kept
    assert printed_codes.normalise(code) not in kept


def test_the_insurance_number_is_still_asked_for() -> None:
    record = WithoutAmkaFactory.create()
    visitor = Visitor(record)
    assert goes_to(give(visitor, record, issue(record))) == "insurance"
    assert goes_to(visitor.get("confirm")) == "insurance"
    assert goes_to(visitor.post("insurance", amka=AMKA)) == "confirm"
    assert visitor.agree().status_code == 302
    assert goes_to(visitor.register()) == "done"


def test_a_record_that_lacks_something_is_refused_and_noted() -> None:
    record = Contactless.create(birth_date=None)
    visitor = Visitor(record).begin()
    answer = give(visitor, record, issue(record))
    assert "The user does not have the required details filled in." in alerts(answer)
    attempt = Activation.objects.get()
    assert attempt.met == record
    assert Reached(attempt.reached) == Reached.STARTED | Reached.MISSING


def test_a_contact_given_afterwards_is_an_ordinary_attempt() -> None:
    record, other = AffiliationFactory.create_batch(2)
    visitor = Visitor(record)
    give(visitor, record, issue(record))
    assert goes_to(visitor.give_contact(mobile=other.mobile)) == "pin"
    assert Activation.objects.get().letter is None


# ---- Who does not get in ----------------------------------------------------------------------------------------


def test_whatever_is_wrong_the_answer_and_its_queries_are_the_same() -> None:
    record, other, staff = Contactless.create(), Contactless.create(), StaffFactory.create()
    code, code_of_other = issue(record), issue(other)
    gone = Contactless.create(status=Status.INACTIVE)
    used, replaced, expired = Contactless.create_batch(3)
    codes = {used: issue(used), replaced: issue(replaced), expired: issue(expired), gone: issue(gone)}
    issue(replaced)
    ActivationLetter.objects.filter(affiliation=used).update(used_at=timezone.now())
    ActivationLetter.objects.filter(affiliation=expired).update(expires_at=timezone.now())
    tries: list[dict[str, str]] = [
        {"code": printed_codes.new_code()},
        {"code": code_of_other},
        {"code": code, "registration_number": other.registration_number},
        {"code": code, "registration_number": "nobody's"},
        {"code": code, "role": "staff"},
        {"code": code, "role": "staff", "registration_number": staff.registration_number},
        *({"code": text, "registration_number": whose.registration_number} for whose, text in codes.items()),
    ]
    seen = set()
    for changed in tries:
        with CaptureQueriesContext(connection) as queries:
            answer = give(Visitor(), record, **({"code": code} | changed))
        seen.add((answer.status_code, alerts(answer), len(queries)))
    assert len(seen) == 1, seen
    [(status, said, _queries)] = seen
    assert (status, REFUSED in said) == (200, True)
    assert Activation.objects.count() == 0


def test_guessing_is_bounded_by_number_and_by_address(limit: Any) -> None:
    limit("letter:number", "3 per hour")
    limit("letter:address", "5 per hour")
    record, other = Contactless.create_batch(2)
    code = issue(record)
    for turn in range(3):
        assert give(Visitor(REMOTE_ADDR=f"192.0.2.{turn}"), record, printed_codes.new_code()).status_code == 200
    # The right code does not help any more, whatever the case of the number.
    upper = record.registration_number.upper()
    assert give(Visitor(REMOTE_ADDR="192.0.2.9"), record, code, registration_number=upper).status_code == LIMITED
    for number in range(5):
        give(Visitor(REMOTE_ADDR="192.0.2.8"), other, printed_codes.new_code(), registration_number=f"x{number}")
    assert give(Visitor(REMOTE_ADDR="192.0.2.8"), other, issue(other)).status_code == LIMITED


def test_a_newer_letter_ends_the_older_one_and_what_it_opened() -> None:
    record = Contactless.create()
    old = issue(record)
    thief = Visitor(record)
    assert goes_to(give(thief, record, old)) == "confirm"
    new = issue(record)
    assert "cannot be continued" in page(thief.get("confirm"))
    assert REFUSED in alerts(give(Visitor(record), record, old))
    assert goes_to(give(Visitor(record), record, new)) == "confirm"


def test_a_letter_lives_its_days() -> None:
    record = Contactless.create()
    code = issue(record)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        assert REFUSED in alerts(give(Visitor(), record, code))
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        assert goes_to(give(Visitor(), record, code)) == "confirm"


def test_the_session_is_another_one_afterwards() -> None:
    """Whoever planted or knew the old cookie is left outside."""
    record = Contactless.create()
    visitor = Visitor(record).begin()
    thief = visitor.another_tab_with(visitor.cookies())
    give(visitor, record, issue(record))
    assert goes_to(thief.get("confirm")) == "contact"
    assert value_of(visitor.get("confirm"), "decision") is not None


# ---- Twice ------------------------------------------------------------------------------------------------------


def test_a_lost_session_does_no_harm_and_a_used_letter_opens_nothing() -> None:
    record = Contactless.create()
    code = issue(record)
    give(Visitor(record), record, code)
    again = Visitor(record)
    assert goes_to(give(again, record, code)) == "confirm"
    again.post("confirm", decision="agree")
    assert goes_to(again.register()) == "done"
    assert REFUSED in alerts(give(Visitor(record), record, code))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_limits")
def test_one_letter_used_by_many_at_once_opens_one_account() -> None:
    record = Contactless.create()
    code = issue(record)
    visitors = [Visitor(record) for _number in range(8)]
    race(*[partial(give, visitor, record, code) for visitor in visitors])
    for visitor in visitors:
        assert goes_to(visitor.post("confirm", decision="agree")) == "password"
    passwords = [f"{PASSWORD} {number}" for number in range(8)]
    results = race(
        *[partial(visitor.register, password) for visitor, password in zip(visitors, passwords, strict=True)]
    )
    assert [error for error in results if isinstance(error, Exception)] == []
    winners = [place for place, answer in enumerate(results) if goes_to(answer) == "done"]  # type: ignore[arg-type] # No exception is among them.
    assert len(winners) == 1
    assert Account.objects.get(person=record.person).check_password(passwords[winners[0]])
    assert AuditEvent.objects.filter(act="letter.used").count() == 1
    assert Activation.objects.exclude(finished_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_limits")
def test_a_letter_replaced_while_it_is_used_is_either_used_or_replaced() -> None:
    for _round in range(5):
        record = Contactless.create()
        visitor = Visitor(record)
        give(visitor, record, issue(record))
        visitor.post("confirm", decision="agree")
        race(visitor.register, partial(issue, record))
        old = ActivationLetter.objects.filter(affiliation=record).earliest("pk")
        opened = Account.objects.filter(person=record.person).exists()
        assert (old.used_at is not None, old.revoked_at is None) == (opened, opened)


@pytest.mark.django_db(transaction=True)
def test_two_offices_issue_at_once_and_one_letter_is_open() -> None:
    records = Contactless.create_batch(3)
    offices = AccountFactory.create_batch(4)
    results = race(*[partial(letters.issue, records, issued_by=office) for office in offices])
    failed = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, letters.IssuedMeanwhile) for error in failed), failed
    done = len(results) - len(failed)
    assert done
    assert ActivationLetter.objects.count() == AuditEvent.objects.filter(act="letter.issued").count() == 3 * done
    assert ActivationLetter.objects.open().count() == 3


def test_the_second_click_on_next_goes_on_too() -> None:
    record = Contactless.create()
    visitor = Visitor(record).begin()
    code = issue(record)
    tab = visitor.another_tab_with(visitor.cookies())
    for click in (visitor, tab):
        assert goes_to(give(click, record, code)) == "confirm"
        assert value_of(click.get("confirm"), "decision") is not None
    assert attempts.SESSION_KEY in tab.client.session
