"""The codes of the helpdesk: to verify a caller, and to set a new password."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import access, printed_codes
from accounts.messages import gsm
from accounts.messages.compose import compose
from accounts.messages.send import Destination
from accounts.models import Account, AuditEvent, InboxMessage, Message, Pin
from mypassword.helpdesk import acts, reach
from mypassword.helpdesk.acts import By
from mypassword.models import ResetCode
from registry.models import Affiliation
from tests.activation.visitor import LIMITED, OK, alerts, elements, pins_sent_to, wrong
from tests.mypassword.desk import (
    CODE_FORM,
    FIELDS,
    REASON,
    Helper,
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
from tests.mypassword.forgetful import CODE, DONE, SET, Forgetful
from tests.mypassword.holder import PASSWORD, goes_to

pytestmark = pytest.mark.django_db


# ---- Who is calling -------------------------------------------------------------------------------------------------


def is_verified(desk: Helper, record: Affiliation) -> bool:
    return bool(elements(desk.see(record), id="verified"))


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_caller_is_verified_for_a_quarter_of_an_hour(channel: str) -> None:
    record = student()
    desk = helper()
    code = send_caller_code(desk, record, channel)
    assert code not in content(desk.see(record))
    assert not is_verified(desk, record)
    answer = say(desk, record, wrong(code))
    assert "Wrong PIN." in alerts(answer)
    refused = last_event("helpdesk.caller_checked")
    assert (refused.outcome, refused.reason, refused.account) == ("refused", REASON, account_of(record))
    assert not is_verified(desk, record)
    assert goes_to(say(desk, record, code)) == sheet(record)
    assert is_verified(desk, record)
    assert last_event("helpdesk.caller_checked").outcome == "done"
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert is_verified(desk, record)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert not is_verified(desk, record)


def test_a_code_is_of_this_helper_this_person_and_this_session() -> None:
    record, other = student(), student()
    desk, colleague = helper(), helper(name="colleague")
    code = send_caller_code(desk, record)
    assert "There is no PIN" in alerts(say(colleague, record, code))
    assert "There is no PIN" in alerts(say(desk, other, code))
    elsewhere = Helper(desk.account)
    elsewhere.sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        elsewhere.give_code(desk.code())
        assert "There is no PIN" in alerts(say(elsewhere, record, code))
    assert goes_to(say(desk, record, code)) == sheet(record)
    assert is_verified(desk, record)
    assert not any(is_verified(*pair) for pair in ((colleague, record), (desk, other), (elsewhere, record)))


def test_a_code_works_once_and_five_times_wrong_kills_it() -> None:
    record = student()
    desk = helper()
    code = send_caller_code(desk, record)
    for turn in range(1, 6):
        say(desk, record, wrong(code, turn))
    assert "mistyped five times" in alerts(say(desk, record, code))
    assert not is_verified(desk, record)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        again = send_caller_code(desk, record)
        assert goes_to(say(desk, record, again)) == sheet(record)
        assert "has been used" in alerts(say(desk, record, again))


def test_a_newer_code_kills_the_older_and_is_not_sent_at_once() -> None:
    record = student()
    desk = helper()
    old = send_caller_code(desk, record)
    answer = desk.act("caller", record, channel="sms")
    assert answer.status_code == LIMITED
    assert len(pins_sent_to(record.mobile)) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        new = send_caller_code(desk, record)
        assert "replaced by a newer one" in alerts(say(desk, record, old))
        assert goes_to(say(desk, record, new)) == sheet(record)


@pytest.mark.parametrize("purpose", ["activation", "recovery", "contact"])
def test_no_code_of_another_purpose(purpose: str) -> None:
    record = student()
    desk = helper()
    code = send_caller_code(desk, record)
    Pin.objects.update(purpose=purpose)
    assert "There is no PIN" in alerts(say(desk, record, code))


def test_a_code_does_not_outlive_a_change_of_the_account() -> None:
    record = student()
    desk = helper()
    code = send_caller_code(desk, record)
    access.begin_epoch(account_of(record))
    assert "There is no PIN" in alerts(say(desk, record, code))
    assert not is_verified(desk, record)


def test_only_to_a_stored_contact() -> None:
    record = student()
    Account.objects.filter(person=record.person).update(recovery_mobile="")
    desk = helper()
    for act in ("caller", "reset-message"):
        assert "Choose where to send it." in alerts(desk.act(act, record, channel="sms"))
    bare = student(contacts=False)
    for act in ("caller", "reset-message"):
        assert "This is not possible any more" in alerts(desk.act(act, bare, channel="sms"))
    assert not Message.objects.exists()


@pytest.mark.parametrize("rule", ["helpdesk:send", "helpdesk:account", "pin-send:destination"])
@pytest.mark.parametrize("act", ["caller", "reset-message"])
def test_sending_is_limited(act: str, rule: str, limit: Callable[[str, str], None]) -> None:
    limit(rule, "1 per day")
    record = student()
    desk = helper()
    desk.act("reset-message", record, channel="sms")
    before = state_of(record)
    answer = desk.act(act, record, channel="sms")
    assert answer.status_code == LIMITED
    assert "Too many attempts." in alerts(answer)
    assert state_of(record) == before


# ---- Reset codes ----------------------------------------------------------------------------------------------------


def reset(record: Affiliation, code: str) -> Forgetful:
    visitor = Forgetful(account_of(record))
    visitor.post(CODE, username=record.username, code=code)
    return visitor


def opens(record: Affiliation, code: str) -> bool:
    """Whether the code leads to the page of the new password."""
    return bool(reset(record, code).get(SET).status_code == OK)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_sent_code_leads_to_a_new_password_within_a_quarter_of_an_hour(channel: str) -> None:
    record = student()
    desk = helper()
    answer = desk.act("reset-message", record, channel=channel)
    assert goes_to(answer) == sheet(record)
    address, other = (record.mobile, record.email) if channel == "sms" else (record.email, record.mobile)
    code = code_sent_to(address)
    assert code not in content(desk.see(record))
    assert "/mypassword/forgotten/code/" in InboxMessage.objects.filter(to=address)[0].text
    told = InboxMessage.objects.get(to=other).text
    assert "reset code issued" in told
    assert not CODE_FORM.search(told)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert not opens(record, code)
    visitor = reset(record, code)
    assert goes_to(visitor.set_password()) == DONE
    assert not Account.objects.get(username=record.username).check_password(PASSWORD)


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("template", ["reset_code", "caller"])
def test_an_sms_fits_one_segment(language: str, template: str, settings: Any) -> None:
    settings.PUBLIC_URL = f"https://{'a' * 32}.example"
    context = {"username": "a" * 20, "until": "23:59"}
    message = Message(
        template=template, channel="sms", language=language, secret="ACDE-3467-FHJK-9MNP", context=context
    )
    assert gsm.length(compose(message).body) <= gsm.SEGMENT


def test_a_sent_code_is_wiped_from_its_message() -> None:
    record = student()
    helper().act("reset-message", record, channel="sms")
    message = Message.objects.get(template="reset_code")
    assert (message.state, message.secret, message.context.get("username")) == ("sent", "", record.username)
    code = code_sent_to(record.mobile)
    stored = [*ResetCode.objects.values_list("digest", flat=True), *map(str, AuditEvent.objects.values_list("details"))]
    assert not any(code in value or printed_codes.normalise(code) in value for value in stored)


def test_a_letter_needs_an_identity_card() -> None:
    record = student()
    answer = helper().act("reset-letter", record)
    assert "whose identity card you have seen" in alerts(answer)
    assert not ResetCode.objects.exists()


def test_a_letter_helps_somebody_without_stored_contacts_for_a_day() -> None:
    record = student(contacts=False)
    Account.objects.filter(person=record.person).update(blocked_at=timezone.now(), language="el")
    desk = helper()
    answer = desk.act("reset-letter", record, identity_seen="on")
    [code] = codes_in(answer)
    assert CODE_FORM.fullmatch(code)
    assert record.username in content(answer)
    assert 'lang="el"' in content(answer)
    assert "Μαρία Παπαδοπούλου" in content(answer)
    picture = dict(elements(answer, **{"class": "qr"})[0].attributes)["src"]
    assert picture.startswith("data:image/svg+xml")
    assert code not in picture
    assert "no-store" in answer["Cache-Control"]
    assert code not in content(desk.see(record))
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert not opens(record, code)
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        visitor = reset(record, code)
        assert goes_to(visitor.set_password()) == DONE
    account = account_of(record)
    assert not account.check_password(PASSWORD)
    assert account.blocked_at is None
    assert not opens(record, code)


def test_a_newer_code_kills_the_older_whichever_way_it_went() -> None:
    record = student()
    desk = helper()
    [first] = codes_in(desk.act("reset-letter", record, identity_seen="on"))
    [second] = codes_in(desk.act("reset-letter", record, identity_seen="on"))
    assert not opens(record, first)
    desk.act("reset-message", record, channel="sms")
    assert not opens(record, second)
    third = code_sent_to(record.mobile)
    other = student()
    assert not opens(other, third)
    assert opens(record, third)


@pytest.mark.parametrize("act", ["end-sessions", "block"])
def test_an_act_that_begins_an_epoch_kills_the_code(act: str) -> None:
    record = student()
    desk = helper()
    [code] = codes_in(desk.act("reset-letter", record, identity_seen="on"))
    desk.act(act, record)
    assert not opens(record, code)


def test_no_code_for_a_closed_account() -> None:
    record = student()
    Account.objects.filter(person=record.person).update(is_active=False)
    desk = helper()
    for act in ("reset-message", "reset-letter"):
        assert "This is not possible any more" in alerts(desk.act(act, record, **FIELDS[act]))
    subject = reach.subject_of(desk.account, record.person_id)
    by = By(desk.account, REASON, "127.0.0.1")
    with pytest.raises(acts.NotPossible):
        acts.print_reset_code(subject, by=by)
    with pytest.raises(acts.NotPossible):
        acts.send_reset_code(subject, contact=Destination("sms", record.mobile), by=by)
    assert not ResetCode.objects.exists()


def test_a_contact_that_is_stored_no_more_gets_nothing() -> None:
    record = student()
    desk = helper()
    subject = reach.subject_of(desk.account, record.person_id)
    contact = Destination("sms", record.mobile)
    Account.objects.filter(person=record.person).update(recovery_mobile="+306900009998")
    with pytest.raises(acts.NotPossible):
        acts.send_reset_code(subject, contact=contact, by=By(desk.account, REASON, "127.0.0.1"))
    assert not Message.objects.exists()
