"""What the helpdesk does for people: each act with a reason, in the audit trail, and no further than it should go."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, AuditEvent, InboxMessage, Message, Notice
from mypassword.helpdesk import acts, reach
from mypassword.helpdesk.acts import By
from mypassword.models import ResetCode
from mypassword.views.helpdesk import ACTS
from registry.models import Affiliation
from tests.activation.visitor import LIMITED, OK, alerts, elements, text, wrong
from tests.factories import AMKA
from tests.mypassword.desk import (
    CODE_FORM,
    FIELDS,
    NOT_FOUND,
    REASON,
    account_of,
    code_sent_to,
    codes_in,
    content,
    helper,
    last_event,
    say,
    send_caller_code,
    sheet,
    state_of,
    student,
)
from tests.mypassword.holder import Holder, goes_to

pytestmark = pytest.mark.django_db


def ready_for(act: str, record: Affiliation) -> None:
    if act == "unblock":
        Account.objects.filter(person=record.person).update(blocked_at=timezone.now())


# ---- For every act --------------------------------------------------------------------------------------------------


def test_every_act_is_tested() -> None:
    assert {act.slug for act in ACTS} == {*FIELDS, "caller-code"}


@pytest.mark.parametrize("act", FIELDS)
@pytest.mark.parametrize("reason", ["", "too short", "          .", "a" * 501])
def test_nothing_happens_without_a_reason(act: str, reason: str) -> None:
    record = student()
    ready_for(act, record)
    before = state_of(record)
    desk = helper()
    answer = desk.act(act, record, reason=reason, **FIELDS[act])
    assert answer.status_code == OK
    assert alerts(answer)
    assert state_of(record) == before
    assert record.mobile not in content(answer)
    assert not AuditEvent.objects.filter(actor=desk.account).exclude(act="account.signin").exists()


@pytest.mark.parametrize("act", FIELDS)
def test_a_get_does_nothing_and_leads_to_the_person(act: str) -> None:
    record = student()
    ready_for(act, record)
    before = state_of(record)
    assert goes_to(helper().get(f"{sheet(record)}{act}/")) == sheet(record)
    assert state_of(record) == before


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("caller", "helpdesk.caller_code_sent"),
        ("reset-message", "helpdesk.reset_code_sent"),
        ("reset-letter", "helpdesk.reset_code_printed"),
        ("unmask", "helpdesk.unmasked"),
        ("end-sessions", "sessions.ended"),
        ("block", "account.blocked"),
        ("unblock", "account.unblocked"),
    ],
)
def test_the_trail_says_who_did_what_to_whom_from_where_and_why(act: str, event: str) -> None:
    record = student()
    ready_for(act, record)
    desk = helper()
    desk.act(act, record, **FIELDS[act])
    kept = last_event(event)
    assert (kept.actor, kept.account, kept.person) == (desk.account, account_of(record), record.person)
    assert (kept.reason, kept.outcome, kept.address) == (REASON, "done", "127.0.0.1")
    assert record.mobile not in str(kept.details)
    assert record.email not in str(kept.details)


@pytest.mark.parametrize("act", [act for act in FIELDS if act != "unmask"])
def test_somebody_without_an_account_can_only_be_looked_at(act: str) -> None:
    record = student(account=False)
    answer = helper().act(act, record, **FIELDS[act])
    assert "This is not possible any more" in alerts(answer)
    assert not ResetCode.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("act", [act for act in FIELDS if act != "unmask"])
def test_rights_given_meanwhile_stop_the_act(act: str) -> None:
    """The page was drawn before; the act looks again under its lock."""
    record = student()
    ready_for(act, record)
    desk = helper()
    subject = reach.subject_of(desk.account, record.person_id)
    Account.objects.filter(person=record.person).update(is_staff=True)
    with pytest.raises(reach.OutOfReach):
        reach.lock(subject)
    assert desk.act(act, record, **FIELDS[act]).status_code == NOT_FOUND


@pytest.mark.parametrize("act", ["end-sessions", "block", "unblock", "reset-letter"])
def test_the_person_is_told(act: str) -> None:
    record = student()
    ready_for(act, record)
    helper().act(act, record, **FIELDS[act])
    assert Notice.objects.get().account == account_of(record)
    assert {message.destination for message in Message.objects.all()} == {record.mobile, record.email}
    assert not any(CODE_FORM.search(message.text) for message in InboxMessage.objects.all())


# ---- One masked value -----------------------------------------------------------------------------------------------


def test_one_value_is_shown_once() -> None:
    record = student()
    desk = helper()
    answer = desk.act("unmask", record, field=f"insurance_number-{record.pk}")
    assert f"AMKA or insurance number: {AMKA}" in text(elements(answer, id="unmasked")[0])
    assert record.mobile not in content(answer)
    assert AMKA not in content(desk.see(record))
    assert answer.request["QUERY_STRING"] == ""
    event = last_event("helpdesk.unmasked")
    assert event.details == {"field": f"insurance_number-{record.pk}"}
    assert AMKA not in str(event.details)


def test_no_value_of_somebody_else() -> None:
    record, other = student(), student(insurance_number="01010100017")
    answer = helper().act("unmask", record, field=f"insurance_number-{other.pk}")
    assert "Choose what to show." in alerts(answer)
    assert "01010100017" not in content(answer)


def test_looking_is_limited(limit: Callable[[str, str], None]) -> None:
    limit("helpdesk:unmask", "1 per hour")
    record = student()
    desk = helper()
    desk.act("unmask", record, field="recovery_mobile")
    answer = desk.act("unmask", record, field="recovery_email")
    assert answer.status_code == LIMITED
    assert answer["Retry-After"]
    assert record.email not in content(answer)
    assert AuditEvent.objects.filter(act="helpdesk.unmasked").count() == 1


# ---- Sessions and blocks --------------------------------------------------------------------------------------------


def test_sessions_end() -> None:
    record = student()
    person = Holder(account_of(record))
    person.sign_in()
    assert person.get("/mypassword/").status_code == OK
    desk = helper()
    assert goes_to(desk.act("end-sessions", record)) == sheet(record)
    assert goes_to(person.get("/mypassword/")).startswith("/mypassword/login/")
    assert goes_to(person.sign_in()) == "/mypassword/"
    assert desk.see(record).status_code == OK


def test_block_and_unblock() -> None:
    record = student()
    person = Holder(account_of(record))
    person.sign_in()
    desk = helper()
    desk.act("block", record)
    assert goes_to(person.get("/mypassword/")).startswith("/mypassword/login/")
    assert "This account is blocked." in alerts(person.sign_in())
    assert "This is not possible any more" in alerts(desk.act("block", record))
    desk.act("unblock", record)
    assert goes_to(person.sign_in()) == "/mypassword/"
    assert "This is not possible any more" in alerts(desk.act("unblock", record))


# ---- Nothing leaks, nothing happens twice ---------------------------------------------------------------------------


def test_nothing_secret_stands_in_a_log_or_address(caplog: pytest.LogCaptureFixture) -> None:
    record = student()
    desk = helper()
    with caplog.at_level(logging.DEBUG):
        desk.search(record.mobile)
        code = send_caller_code(desk, record)
        say(desk, record, wrong(code))
        say(desk, record, code)
        desk.act("unmask", record, field=f"insurance_number-{record.pk}")
        [letter] = codes_in(desk.act("reset-letter", record, identity_seen="on"))
        answers = [desk.act("reset-message", record, channel="sms")]
    logged = "\n".join(entry.getMessage() for entry in caplog.records if not entry.name.startswith("django.db"))
    kept = "\n".join(f"{event.details} {event.reason}" for event in AuditEvent.objects.all())
    for secret in (record.mobile, code, AMKA, letter, code_sent_to(record.mobile), record.last_name_el):
        assert secret not in logged
        assert secret not in kept
        assert not any(secret in answer["Location"] for answer in answers)
    assert letter not in repr(desk.client.session.items())


@pytest.mark.django_db(transaction=True)
def test_of_many_codes_made_at_once_one_lives() -> None:
    record = student()
    desk = helper()
    subject = reach.subject_of(desk.account, record.person_id)

    def make(number: int) -> str:
        try:
            return acts.print_reset_code(subject, by=By(desk.account, REASON, "127.0.0.1")).code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(make, range(10)))
    assert len(set(codes)) == 10
    alive = ResetCode.objects.filter(used_at=None, expires_at__gt=timezone.now())
    assert alive.count() == 1
    assert AuditEvent.objects.filter(act="helpdesk.reset_code_printed").count() == 10


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_blocks_one_is_done() -> None:
    record = student()
    desk = helper()
    subject = reach.subject_of(desk.account, record.person_id)

    def block(number: int) -> bool:
        try:
            acts.block(subject, by=By(desk.account, REASON, "127.0.0.1"))
        except acts.NotPossible:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(block, range(8))) == [False] * 7 + [True]
    assert account_of(record).epoch == 1
