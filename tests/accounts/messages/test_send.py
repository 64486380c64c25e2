"""The life of a message: claimed once, tried again, given up with a reason, never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.messages import broker
from accounts.messages.send import BACKOFF, REASONS, deliver, dispatch, send_again, sweep, wipe_dead_pins
from accounts.models import InboxMessage, Message, Pin
from tests.accounts.messages.rows import ADDRESS, CODE, MOBILE, delivered, queued
from tests.services.mail import MailServer
from tests.services.processes import free_port
from tests.services.providers import Twilio

pytestmark = pytest.mark.django_db
State = Message.State
NOON = datetime(2026, 9, 28, 12, 0, tzinfo=UTC)


def test_is_sent_when_the_transaction_is_committed_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        message = queued()
    assert (message.state, InboxMessage.objects.count()) == (State.QUEUED, 0)
    callbacks[0]()
    message.refresh_from_db()
    assert (message.state, message.gateway, message.secret) == (State.SENT, "inbox", "")
    assert message.sent_at
    inbox = InboxMessage.objects.get()
    assert (inbox.to, inbox.channel) == (MOBILE, "sms")
    assert CODE in inbox.text


def test_is_sent_once_however_often_it_is_asked_for() -> None:
    message = queued()
    dispatch([message.pk, message.pk])
    deliver(message.pk)
    sweep()
    assert InboxMessage.objects.count() == 1


def test_the_secret_is_never_in_the_clear() -> None:
    queued()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_message")
        assert CODE not in repr(cursor.fetchall())


@pytest.mark.parametrize(
    "death", [{"replaced_at": NOON}, {"used_at": NOON}, {"tries": 5}, {"expires_at": NOON - timedelta(seconds=1)}]
)
def test_a_dead_pin_is_not_sent_any_more(death: dict[str, Any]) -> None:
    with time_machine.travel(NOON, tick=False):
        message = queued()
        Pin.objects.update(**death)
        message = delivered(message)
    assert (message.state, message.error, message.secret) == (State.FAILED, "obsolete", "")
    assert InboxMessage.objects.count() == 0


def test_without_a_gateway_it_fails_at_once(settings: Any) -> None:
    settings.SMS_GATEWAYS = []
    message = delivered(queued())
    assert (message.state, message.error, message.tries) == (State.FAILED, "no_gateway", 1)


def test_every_reason_is_explained() -> None:
    codes = {"refused", "undelivered", "unavailable", "no_gateway", "obsolete", "country", "budget"}
    assert set(REASONS) == codes
    assert all(len(str(text)) > 20 for text in REASONS.values())


# ---- Tried again ------------------------------------------------------------------------------------------------


def test_is_tried_again_with_growing_pauses_and_then_given_up(twilio: Twilio) -> None:
    twilio.behave("fail")
    with time_machine.travel(NOON, tick=False) as clock:
        message = queued()
        for wait in BACKOFF:
            message = delivered(message)
            assert (message.state, message.error) == (State.QUEUED, "unavailable")
            assert message.due_at == timezone.now() + timedelta(seconds=wait)
            deliver(message.pk)
            clock.shift(wait)
        message = delivered(message)
    assert len(twilio.calls) == len(BACKOFF) + 1
    assert (message.state, message.error, message.gateway) == (State.FAILED, "unavailable", "twilio")
    # For an operator who has it sent again while the PIN lives; wiped with it.
    assert message.secret == CODE


def test_a_gateway_that_comes_back_gets_the_message(twilio: Twilio) -> None:
    twilio.behave("fail")
    with time_machine.travel(NOON, tick=False) as clock:
        message = delivered(queued())
        twilio.behave("accept")
        clock.shift(BACKOFF[0])
        message = delivered(message)
    assert (message.state, message.error, message.secret, message.tries) == (State.SENT, "", "", 2)
    assert message.provider_id.startswith("SM")


def test_while_one_sends_nobody_else_does(settings: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        message = queued()
        Message.objects.update(state=State.SENDING, due_at=timezone.now() + timedelta(seconds=settings.MESSAGE_LEASE))
        deliver(message.pk)
        clock.shift(settings.MESSAGE_LEASE - 1)
        assert sweep() == 0
        deliver(message.pk)
        assert InboxMessage.objects.count() == 0
        # Its sender was killed: the sweeper has it sent.
        clock.shift(1 + settings.MESSAGE_SWEEP)
        assert sweep() == 1
    assert InboxMessage.objects.count() == 1


def test_the_sweeper_leaves_to_the_queue_what_has_just_become_due(settings: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        queued()
        assert sweep() == 0
        clock.shift(settings.MESSAGE_SWEEP)
        assert sweep() == 1
    assert Message.objects.get().state == State.SENT


def test_a_sender_that_was_too_slow_does_not_overrule_its_successor(twilio: Twilio, monkeypatch: Any) -> None:
    """The lease ran out while the gateway hung; somebody else sent the message before the failure came back."""
    from accounts.messages.gateways import GatewayFailed
    from accounts.messages.gateways import twilio as gateway

    message = queued()

    def slow(sent: Message, _text: object) -> str:
        Message.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=NOON, secret="")
        raise GatewayFailed

    monkeypatch.setattr(gateway, "send", slow)
    message = delivered(message)
    assert (message.state, message.error) == (State.SENT, "")


def test_a_bug_in_a_gateway_is_the_next_one_s_turn(
    twilio: Twilio, settings: Any, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from accounts.messages.gateways import http as gateway

    def buggy(message: Message, text: Any) -> str:
        raise RuntimeError(f"{message.destination} {text.body}")

    monkeypatch.setattr(gateway, "send", buggy)
    settings.SMS_GATEWAYS = ["http", "twilio"]
    message = delivered(queued())
    assert (message.state, message.gateway) == (State.SENT, "twilio")
    assert "RuntimeError" in caplog.text
    assert CODE not in caplog.text
    assert MOBILE not in caplog.text


# ---- By an operator's hand, and wiped -----------------------------------------------------------------------------


def failed(message: Message) -> Message:
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, error="unavailable", tries=5)
    return Message.objects.select_related("pin").get(pk=message.pk)


def test_sent_again_while_the_pin_lives(django_capture_on_commit_callbacks: Any) -> None:
    message = failed(queued())
    with django_capture_on_commit_callbacks(execute=True):
        assert send_again(message)
        assert not send_again(message), "a double click"
    message.refresh_from_db()
    assert (message.state, message.error, message.secret) == (State.SENT, "", "")
    assert InboxMessage.objects.count() == 1


@pytest.mark.parametrize("death", [{"replaced_at": NOON}, {"used_at": NOON}, {"tries": 5}, {"expires_at": NOON}])
def test_not_sent_again_once_the_pin_is_dead(death: dict[str, Any]) -> None:
    with time_machine.travel(NOON, tick=False):
        message = queued()
        Pin.objects.update(**death)
        assert not send_again(failed(message))


def test_what_was_accepted_is_not_sent_again() -> None:
    message = delivered(queued())
    assert not send_again(message)


def test_the_pin_of_a_failed_message_is_wiped_when_it_has_expired() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        failed(queued())
        wipe_dead_pins()
        assert Message.objects.get().secret == CODE
        clock.shift(timedelta(minutes=15))
        sweep()
    assert Message.objects.get().secret == ""


# ---- Handing over -------------------------------------------------------------------------------------------------


def test_without_a_broker_real_gateways_are_asked_beside_the_request(twilio: Twilio, monkeypatch: Any) -> None:
    handed: list[object] = []
    monkeypatch.setattr(broker, "run_here", lambda work, key, **_options: handed.append((work, key)))
    message = queued()
    dispatch([message.pk])
    assert handed == [(deliver, message.pk)]
    assert twilio.calls == []


# ---- A real mail server -------------------------------------------------------------------------------------------


def test_the_mail_server_gets_both_parts(smtp: MailServer, settings: Any) -> None:
    message = delivered(queued("email"))
    assert (message.state, message.gateway, message.error, message.secret) == (State.SENT, "email", "", "")
    (received,) = smtp.to(ADDRESS)
    assert received.recipients == [ADDRESS]
    assert received.sender == "noreply@uregister.example"
    mail = received.message
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert CODE in received.text
    assert CODE in mail.get_body(("html",)).get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == settings.EMAIL_FROM
    assert mail["To"] == ADDRESS
    assert mail["Message-ID"]
    assert mail["Date"]


def test_a_mailbox_that_does_not_exist_is_refused(smtp: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    smtp.refuse(ADDRESS)
    message = delivered(queued("email"))
    assert (message.state, message.error, message.tries) == (State.FAILED, "refused", 1)
    assert ADDRESS not in caplog.text
    assert not smtp.received


@pytest.mark.parametrize("behaviour", ["drop", "hang"])
def test_a_mail_server_that_fails_is_tried_again(
    smtp: MailServer, behaviour: Any, caplog: pytest.LogCaptureFixture
) -> None:
    smtp.behave(behaviour)
    message = delivered(queued("email"))
    assert (message.state, message.error) == (State.QUEUED, "unavailable")
    assert CODE not in caplog.text
    assert ADDRESS not in caplog.text


def test_no_mail_server_at_all(smtp: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    message = delivered(queued("email"))
    assert (message.state, message.error) == (State.QUEUED, "unavailable")


def test_an_international_domain_is_spoken_to(smtp: MailServer) -> None:
    message = queued("email")
    Message.objects.filter(pk=message.pk).update(destination="maria@παράδειγμα.example")
    assert delivered(message).state == State.SENT
    assert smtp.received[0].recipients[0].startswith("maria@xn--")
