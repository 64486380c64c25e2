"""A message from the row to the telephone and the mailbox."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.messages import gsm
from accounts.messages.compose import compose
from accounts.messages.send import REASONS, Destination, deliver, dispatch, queue
from accounts.models import InboxMessage, Message, Pin
from registry.models import Person
from tests.factories import PersonFactory
from tests.services.mail import MailServer
from tests.services.processes import free_port

CODE = "048213"
MOBILE, ADDRESS = "+306900000001", "maria@example.org"


def pin_of(person: Person | None, **values: Any) -> Pin:
    now = datetime.now(UTC)
    life = {"created_at": now, "expires_at": now + timedelta(minutes=15)}
    return Pin(purpose="activation", binding="a" * 64, person=person, reference="KM", **(life | values))


def message_to(channel: str, language: str = "en") -> Message:
    address = MOBILE if channel == "sms" else ADDRESS
    return Message(
        template="activation", language=language, channel=channel, destination=address, secret=CODE, pin=pin_of(None)
    )


def queued(channel: str = "email", **pin: Any) -> Message:
    kept = pin_of(PersonFactory.create(), **pin)
    kept.save()
    address = MOBILE if channel == "sms" else ADDRESS
    (message,) = queue(
        [Destination(channel, address)], template="activation", language="en", pin=kept, secret=CODE
    )  # fmt: skip
    return message


def deliver_again(message: Message) -> Message:
    deliver(message.pk)
    return Message.objects.get(pk=message.pk)


# ---- SMS --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("host", ["127.0.0.1", "account.panepistimio-paradeigmatos.example.gr", ".example.org"])
def test_an_sms_is_one_segment_that_ends_with_the_page_it_belongs_to(language: str, host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = [host]
    text = compose(message_to("sms", language))
    assert gsm.length(text.body) <= gsm.SEGMENT
    # https://wicg.github.io/sms-one-time-codes/: the last line, and nothing else there.
    assert text.body.splitlines()[-1] == f"@{host.lstrip('.')} #{CODE}"
    assert text.body.splitlines()[-2] == ""
    assert "KM" in text.body
    assert text.body.count(CODE) == 2
    assert set(re.findall(r"\d{6}", text.body)) == {CODE}
    assert (text.subject, text.html) == ("", "")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Ο κωδικός σας", "O KΩΔIKOΣ ΣAΣ"),
        ("PIN: Άέήίόύώ ΐΰϊϋ", "PIN: AEHIOYΩ IYIY"),
        ("Your PIN é", "Your PIN é"),
        ("Α" + "\u0301", "A"),
    ],
)
def test_greek_becomes_capitals_that_telephones_have(text: str, sent: str) -> None:
    assert gsm.gsm_text(text) == sent


@pytest.mark.parametrize(("text", "places"), [("", 0), ("abc", 3), ("10 €", 5), ("[x]", 5), ("a\nb", 3)])
def test_places_are_counted_as_in_the_standard(text: str, places: int) -> None:
    assert gsm.length(text) == places


@pytest.mark.parametrize("text", ["π", "😀", "“quoted”", "\x00", "ς"])
def test_what_the_alphabet_lacks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in the GSM alphabet"):
        gsm.length(text)


@given(st.text(alphabet="αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ 0123456789.:@#"))
def test_any_greek_text_fits_the_alphabet_letter_for_letter(text: str) -> None:
    assert gsm.length(gsm.gsm_text(text)) == len(text)


# ---- E-mail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["el", "en"])
def test_an_e_mail_says_the_same_in_text_and_in_html(language: str) -> None:
    text = compose(message_to("email", language))
    for part in (text.body, text.html):
        assert set(re.findall(r"(?<!#)\b\d{6}\b", part)) == {CODE}
        assert "KM" in part
        assert "helpdesk@uregister.example" in part
    assert text.subject
    assert "\n" not in text.subject
    # Subjects stand on locked screens and in notifications.
    assert CODE not in text.subject
    assert f'<html lang="{language}">' in text.html
    assert f"<title>{text.subject}</title>" in text.html


def test_names_are_escaped_in_html_and_only_there(settings: Any) -> None:
    settings.INSTITUTION_NAME_EN = "Arts & <Crafts>"
    text = compose(message_to("email"))
    assert "Arts & <Crafts>" in text.body
    assert "Arts &amp; &lt;Crafts&gt;" in text.html


# ---- Life -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_is_sent_when_the_transaction_is_committed_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        message = queued("sms")
    assert (message.state, InboxMessage.objects.count()) == (Message.State.QUEUED, 0)
    callbacks[0]()
    message.refresh_from_db()
    assert (message.state, message.gateway, message.secret) == (Message.State.SENT, "inbox", "")
    assert message.sent_at
    inbox = InboxMessage.objects.get()
    assert (inbox.to, inbox.channel) == (MOBILE, "sms")
    assert CODE in inbox.text


@pytest.mark.django_db
def test_is_sent_once_however_often_it_is_asked_for() -> None:
    message = queued("sms")
    dispatch([message.pk, message.pk])
    deliver(message.pk)
    assert InboxMessage.objects.count() == 1


@pytest.mark.django_db
def test_the_secret_is_never_in_the_clear() -> None:
    queued("email")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_message")
        assert CODE not in repr(cursor.fetchall())


@pytest.mark.django_db
def test_a_pin_that_has_expired_is_not_sent_any_more() -> None:
    with time_machine.travel(datetime(2026, 9, 28, tzinfo=UTC), tick=False) as clock:
        message = queued("sms")
        clock.shift(timedelta(minutes=15))
        message = deliver_again(message)
    assert (message.state, message.error, message.secret) == (Message.State.FAILED, "expired", "")
    assert InboxMessage.objects.count() == 0


@pytest.mark.django_db
def test_without_a_gateway_it_fails(settings: Any) -> None:
    settings.SMS_GATEWAYS = []
    message = deliver_again(queued("sms"))
    assert (message.state, message.error, message.secret) == (Message.State.FAILED, "no_gateway", "")


# ---- A real mail server -----------------------------------------------------------------------------------


@pytest.fixture
def smtp(mail: MailServer, settings: Any) -> MailServer:
    settings.EMAIL_GATEWAY = "email"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail.port, 1
    return mail


@pytest.mark.django_db
def test_the_mail_server_gets_both_parts(smtp: MailServer, settings: Any) -> None:
    message = deliver_again(queued())
    assert (message.state, message.gateway, message.error, message.secret) == (Message.State.SENT, "email", "", "")
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


@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_refused(smtp: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    smtp.refuse(ADDRESS)
    message = deliver_again(queued())
    assert (message.state, message.error, message.secret) == (Message.State.FAILED, "refused", "")
    assert REASONS[message.error]
    assert ADDRESS not in caplog.text
    assert not smtp.received


@pytest.mark.django_db
@pytest.mark.parametrize("behaviour", ["drop", "hang"])
def test_a_mail_server_that_fails_ends_the_attempt(
    smtp: MailServer, behaviour: Any, caplog: pytest.LogCaptureFixture
) -> None:
    smtp.behave(behaviour)
    before = time.monotonic()
    message = deliver_again(queued())
    assert time.monotonic() - before < 5
    assert (message.state, message.error, message.secret) == (Message.State.FAILED, "unavailable", "")
    assert CODE not in caplog.text
    assert ADDRESS not in caplog.text


@pytest.mark.django_db
def test_no_mail_server_at_all(smtp: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    message = deliver_again(queued())
    assert (message.state, message.error, message.secret) == (Message.State.FAILED, "unavailable", "")


@pytest.mark.django_db
def test_an_international_domain_is_spoken_to(smtp: MailServer) -> None:
    message = queued()
    Message.objects.filter(pk=message.pk).update(destination="maria@παράδειγμα.example")
    assert deliver_again(message).state == Message.State.SENT
    assert smtp.received[0].recipients[0].startswith("maria@xn--")
