"""A forgotten password: the PIN, the reset code, the new password; a forgotten username."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session

from accounts import pins
from accounts.models import Account, AuditEvent, InboxMessage, Message, Notice, Pin
from mypassword import recovery, reset_codes
from mypassword.models import Recovery
from tests.activation.visitor import LIMITED, OK, alerts, page, pins_sent_to, value_of, wrong
from tests.factories import AccountFactory
from tests.mypassword.forgetful import (
    CODE,
    DONE,
    NEW_PASSWORD,
    NEW_PIN,
    PASSWORD,
    PIN,
    SET,
    START,
    USERNAME,
    Forgetful,
    forgetful,
    goes_to,
    links_sent_to,
    password_is,
)
from tests.mypassword.holder import with_app

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OVER = "This browser holds no recovery under way"


def opens_nothing(tab: Forgetful) -> bool:
    return all(goes_to(answer := tab.get(path)) == START or OVER in page(answer) for path in (PIN, SET, DONE))


# ---- The way ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_pin_to_the_stored_contact_leads_to_a_new_password(channel: str) -> None:
    person = forgetful().recover(channel=channel)
    assert password_is(person.account, NEW_PASSWORD)
    assert person.account.username in page(person.get(DONE))
    assert goes_to(person.sign_in(password=NEW_PASSWORD)) == "/mypassword/"
    acts = AuditEvent.objects.filter(account=person.account).order_by("pk").values_list("act", flat=True)
    assert [act for act in acts if act != "account.signin"][:3] == [
        "recovery.started", "recovery.proved", "password.recovered",
    ]  # fmt: skip


def test_contact_and_username_are_forgiven_their_spelling() -> None:
    person = forgetful(recovery_mobile="+306900000123", recovery_email="maria@example.org")
    name = f" {person.account.username.upper()} "
    for contact in ({"channel": "sms", "contact": "690 000 0123"}, {"contact": "Maria@Example.org "}):
        assert goes_to(person.ask(username=name, **({"channel": "email"} | contact))) == PIN
    assert len(pins_sent_to("+306900000123")) == len(pins_sent_to("maria@example.org")) == 1


def test_a_new_password_ends_every_session_and_tells_both_contacts() -> None:
    person = forgetful(signed_in=True)
    elsewhere = person.elsewhere()
    elsewhere.sign_in()
    person.elsewhere().recover()
    assert not person.is_signed_in()
    assert not elsewhere.is_signed_in()
    account = person.account
    assert len(links_sent_to(str(account.recovery_mobile))) == len(links_sent_to(account.recovery_email)) == 1
    assert Notice.objects.get().subject == Notice.Subject.PASSWORD_RECOVERED


def test_a_new_password_opens_a_blocked_account_and_leaves_the_second_factor_in_force() -> None:
    person = forgetful(blocked=True)
    with_app(person.account)
    person.recover()
    assert Account.objects.get(pk=person.account.pk).blocked_at is None
    assert goes_to(person.sign_in(password=NEW_PASSWORD)) == "/mypassword/login/code/"
    assert not person.is_signed_in()


def test_the_new_password_follows_the_rules_and_is_never_shown_again() -> None:
    person = forgetful().reach_password()
    username = person.account.username
    for first, second, words in (
        ("short", "short", "At least"),
        (f"{username}-xyz-123", f"{username}-xyz-123", "Without your username"),
        (NEW_PASSWORD, NEW_PASSWORD + "x", "The two passwords differ."),
    ):
        answer = person.post(SET, password1=first, password2=second)
        assert words in alerts(answer)
        assert value_of(answer, "password1") == ""
    assert password_is(person.account, PASSWORD)
    assert goes_to(person.set_password()) == DONE


def test_the_first_page_says_what_it_takes_and_whom_to_ask() -> None:
    text = page(forgetful().get(START))
    assert "only if you had your mobile or e-mail stored" in text
    assert "helpdesk@uregister.example" in text


def test_what_was_typed_wrong_stands_there_again() -> None:
    person = forgetful()
    answer = person.post(START, username="maria", channel="sms", mobile="12", email="")
    assert "This is not a telephone number." in alerts(answer)
    assert (value_of(answer, "username"), value_of(answer, "mobile")) == ("maria", "12")
    assert "Type your e-mail in full." in alerts(person.post(START, username="maria", channel="email", mobile="12"))
    for fields, words in (({"channel": "x"}, "Choose e-mail or SMS."), ({"username": ""}, "Type your username.")):
        assert words in alerts(person.post(START, **fields))
    assert not Recovery.objects.exists()


# ---- Whoever has no stored contact, or types another ------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "typed"),
    [
        ({"recovery_mobile": "", "recovery_email": ""}, {"channel": "sms", "contact": "+306900000999"}),
        ({"recovery_mobile": ""}, {"channel": "sms", "contact": "+306900000999"}),
        ({"recovery_email": ""}, {"channel": "email", "contact": "maria@example.org"}),
        ({}, {"channel": "sms", "contact": "+306900000999"}),
        ({}, {"channel": "email", "contact": "wn1@example.org"}),
        ({"is_active": False}, {"channel": "email"}),
        ({}, {"channel": "sms", "username": "nobody"}),
    ],
)
def test_what_is_not_stored_looks_the_same_and_leads_nowhere(fields: dict[str, Any], typed: dict[str, str]) -> None:
    person = forgetful(**fields)
    assert goes_to(person.ask(**typed)) == PIN
    text = page(person.get(PIN))
    assert "handed over" in text
    assert InboxMessage.objects.count() == 0
    message = Message.objects.get()
    assert (message.decoy, message.state, message.secret) == (True, Message.State.SENT, "")
    pin = Pin.objects.get()
    assert pin.person is None
    for turn in range(4):
        assert "Wrong PIN. You can try" in alerts(person.type_pin(f"00000{turn}"))
    assert "mistyped five times" in alerts(person.type_pin("000009"))
    assert goes_to(person.get(SET)) == PIN
    assert Recovery.objects.get().account is None


def test_a_decoy_matches_no_pin_at_all() -> None:
    forgetful(recovery_mobile="").reach_pin(contact="+306900000999")
    pin = Pin.objects.get()
    assert len(pin.digest) == 64
    assert all(pins._digest(pin, f"{code:06}") != pin.digest for code in range(0, 10**6, 101))


def test_the_page_tells_nothing_of_the_message_but_what_the_typed_number_tells() -> None:
    person = forgetful().reach_pin()
    for state in Message.State.values:
        Message.objects.update(state=state, error="undelivered" if state == "failed" else "")
        text = page(person.get(PIN))
        assert "handed over" in text
        assert "cannot reach" not in text
    # A country that gets no SMS is told to everybody who types such a number.
    answers = [forgetful().ask(contact="+12025550123", username=name) for name in ("", "nobody")]
    assert [goes_to(answer) for answer in answers] == [PIN, PIN]
    stranger = forgetful(recovery_mobile="+12025550123").reach_pin()
    assert "SMS are not sent to numbers of this country." in page(stranger.get(PIN))


# ---- The PIN ------------------------------------------------------------------------------------------------------


def test_a_new_pin_replaces_the_old_one_after_the_same_wait_for_everybody() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        known, unknown = forgetful().reach_pin(), forgetful().reach_pin(username="nobody")
        old = known.pin()
        Message.objects.update(state=Message.State.FAILED, error="undelivered")
        for person in (known, unknown):
            answer = person.post(NEW_PIN)
            assert (answer.status_code, answer["Retry-After"]) == (LIMITED, "30")
            assert "A PIN was just sent to you." in alerts(answer)
        clock.shift(30)
        for person in (known, unknown):
            assert goes_to(person.post(NEW_PIN)) == PIN
            assert person.post(NEW_PIN)["Retry-After"] == "60"
        assert "replaced by a newer one" in alerts(known.type_pin(old))
        assert goes_to(known.type_pin()) == SET


def test_the_pin_changes_key_and_session_and_the_old_cookie_opens_nothing() -> None:
    person = forgetful().reach_pin()
    before = person.cookies()
    key = person.client.session[recovery.SESSION_KEY]
    assert Recovery.objects.get().key_digest != key
    assert goes_to(person.type_pin()) == SET
    assert person.cookies()["sessionid"] != before["sessionid"]
    assert opens_nothing(person.another_tab_with(before))
    assert opens_nothing(person.elsewhere())
    assert person.get(SET).status_code == OK


def test_the_second_of_two_clicks_on_the_right_pin_goes_on_too() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = forgetful().reach_pin()
        pin, before = person.pin(), person.cookies()
        person.type_pin(pin)
        second = person.another_tab_with(before)
        assert OVER in page(second.type_pin(wrong(pin)))
        assert goes_to(second.type_pin(pin)) == SET
        assert second.get(SET).status_code == OK
        assert person.get(SET).status_code == OK
        clock.shift(recovery.REPEAT_GRACE + timedelta(seconds=1))
        assert OVER in page(person.another_tab_with(before).type_pin(pin))


def test_a_step_out_of_turn_leads_to_the_one_that_is_due() -> None:
    person = forgetful()
    assert [goes_to(person.get(path)) for path in (PIN, NEW_PIN, SET, DONE)] == [START] * 4
    person.reach_pin()
    assert [goes_to(person.get(path)) for path in (SET, DONE)] == [PIN] * 2
    assert goes_to(person.set_password()) == PIN
    person.type_pin()
    assert [goes_to(person.get(path)) for path in (PIN, NEW_PIN, DONE)] == [SET] * 3
    person.set_password()
    assert [goes_to(person.get(path)) for path in (PIN, SET)] == [DONE] * 2
    assert goes_to(person.set_password("another-" + NEW_PASSWORD)) == DONE
    assert password_is(person.account, NEW_PASSWORD)


def test_a_recovery_lives_an_hour_and_a_pin_fifteen_minutes() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = forgetful().reach_pin()
        clock.shift(timedelta(minutes=15))
        assert "The PIN has expired" in alerts(person.type_pin())
        assert goes_to(person.post(NEW_PIN)) == PIN
        assert goes_to(person.type_pin()) == SET
        clock.shift(timedelta(minutes=45))
        assert OVER in page(person.set_password())
    assert password_is(person.account, PASSWORD)


def test_a_session_ends_with_its_row() -> None:
    person = forgetful().reach_password()
    Session.objects.all().delete()
    assert opens_nothing(person)


# ---- The reset code -------------------------------------------------------------------------------------------


def code_for(person: Forgetful) -> str:
    return reset_codes.create(person.account, issued_by=AccountFactory.create())[1]


@pytest.mark.parametrize(
    "spelling", [str, str.lower, lambda code: f" {code.replace('-', ' ')} ", lambda code: code.replace("A", "Α")]
)
def test_a_reset_code_leads_straight_to_the_new_password(spelling: Callable[[str], str]) -> None:
    person = forgetful(recovery_mobile="", recovery_email="")
    typed = spelling(code_for(person))
    assert goes_to(person.post(CODE, username=f"{person.account.username.upper()} ", code=typed)) == SET
    assert goes_to(person.set_password()) == DONE
    assert password_is(person.account, NEW_PASSWORD)


def test_a_reset_code_works_once_for_its_account_and_for_a_day() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person, other = forgetful(), forgetful()
        code = code_for(person)
        refused = "do not belong together"
        assert refused in alerts(other.post(CODE, username=other.account.username, code=code))
        assert refused in alerts(other.post(CODE, username="nobody", code=code))
        assert "16 letters and digits" in alerts(other.post(CODE, username="nobody", code=code[:-1]))
        assert goes_to(person.post(CODE, username=person.account.username, code=code)) == SET
        assert refused in alerts(person.elsewhere().post(CODE, username=person.account.username, code=code))
        late = code_for(other)
        clock.shift(timedelta(hours=24))
        assert refused in alerts(other.post(CODE, username=other.account.username, code=late))


def test_a_reset_code_dies_with_a_change_of_the_account_and_with_a_newer_code() -> None:
    person = forgetful()
    older, code = code_for(person), code_for(person)
    assert "do not belong" in alerts(person.post(CODE, username=person.account.username, code=older))
    person.elsewhere().recover()
    assert "do not belong" in alerts(person.post(CODE, username=person.account.username, code=code))


def test_no_reset_code_opens_an_account_with_rights_or_a_closed_one() -> None:
    for fields in ({"is_staff": True}, {"is_active": False}):
        person = forgetful()
        code = code_for(person)
        Account.objects.filter(pk=person.account.pk).update(**fields)
        assert "do not belong" in alerts(person.post(CODE, username=person.account.username, code=code))
        assert opens_nothing(person)


# ---- The username ---------------------------------------------------------------------------------------------


def test_a_username_is_sent_to_its_stored_contact() -> None:
    person, sibling = forgetful(recovery_mobile="+306900000123"), forgetful(recovery_mobile="+306900000123")
    forgetful(recovery_mobile="+306900000123", is_active=False)
    answer = person.post(USERNAME, channel="sms", mobile="6900000123")
    assert goes_to(answer) == f"{USERNAME}?sent=1"
    message = InboxMessage.objects.get()
    names = sorted((person.account.username, sibling.account.username))
    assert (message.to, message.text) == ("+306900000123", f"Your username: {', '.join(names)}")
    person.post(USERNAME, channel="email", email=person.account.recovery_email)
    assert person.account.username in InboxMessage.objects.get(channel="email").html


def test_the_answer_about_a_username_is_always_the_same() -> None:
    person = forgetful()
    before = person.client.get(f"{USERNAME}?sent=1").content
    assert goes_to(person.post(USERNAME, channel="email", email="nobody@example.org")) == f"{USERNAME}?sent=1"
    assert InboxMessage.objects.count() == 0
    assert Message.objects.get().decoy
    assert len(before) == len(person.get(f"{USERNAME}?sent=1").content)


# ---- Limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["recovery:address", "recovery:pair", "recovery:username", "recovery:contact"])
@pytest.mark.parametrize("username", ["", "nobody"])
def test_limits_hold_for_everybody_alike(rule: str, username: str, limit: Any) -> None:
    limit(rule, "2 per hour")
    person = forgetful()
    for _turn in range(2):
        person.elsewhere().reach_pin(username=username)
    answer = person.ask(username=username)
    assert answer.status_code == LIMITED
    assert int(answer["Retry-After"]) > 0
    assert "Too many attempts." in alerts(answer)
    assert value_of(answer, "username") == (username or person.account.username)


def test_strangers_elsewhere_do_not_use_up_the_pair_of_the_owner(limit: Any) -> None:
    limit("recovery:pair", "2 per hour")
    person = forgetful()
    stranger = Forgetful(person.account, REMOTE_ADDR="192.0.2.7")
    answers = [stranger.ask(contact="+306900000999").status_code for _turn in range(3)]
    assert answers == [302, 302, LIMITED]
    person.recover()


@pytest.mark.parametrize("username", ["", "nobody"])
def test_guessing_over_several_recoveries_is_limited(username: str, limit: Any) -> None:
    limit("pin-try:person", "6 per day")
    person = forgetful()
    for turn in range(6):
        if turn % 3 == 0:
            person.reach_pin(username=username)
        right = person.pin() if not username else "000000"
        assert person.type_pin(wrong(right)).status_code == OK
    assert person.type_pin(wrong("000000")).status_code == LIMITED


def test_sms_to_one_number_are_limited(limit: Any) -> None:
    limit("pin-send:destination", "2 per day")
    person = forgetful()
    assert [person.ask().status_code for _turn in range(3)] == [302, 302, LIMITED]


def test_codes_are_limited_as_recoveries_are(limit: Any) -> None:
    limit("recovery:pair", "2 per hour")
    person = forgetful()
    answers = [person.post(CODE, username="maria", code="A" * 16).status_code for _turn in range(3)]
    assert answers == [OK, OK, LIMITED]
