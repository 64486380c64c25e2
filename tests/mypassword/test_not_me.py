"""Notices of what happened to an account, and the way out for those who did not do it."""

import re
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts import access, notices
from accounts.messages import gsm
from accounts.messages.compose import compose
from accounts.messages.send import send_again
from accounts.models import Account, AuditEvent, InboxMessage, Message, Notice, Pin
from tests.activation.visitor import OK, page, pins_sent_to
from tests.factories import PersonFactory
from tests.mypassword.forgetful import (
    NEW_PASSWORD,
    PASSWORD,
    SET,
    Forgetful,
    forgetful,
    goes_to,
    links_sent_to,
    password_is,
)

pytestmark = pytest.mark.django_db

LONG_HOST = "account.panepistimio-paradeigmatos.gr.xx"
SPENT = "This link no longer works"


def told(person: Forgetful, subject: str = "password_changed", **values: Any) -> str:
    """The path of the link in a notice that has just been sent."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        notices.tell(person.account, subject=subject, **values)
    return links_sent_to(*(address for (address,) in InboxMessage.objects.values_list("to")))[0]


# ---- Texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("subject", Notice.Subject.values)
def test_a_notice_fits_one_sms(subject: str, language: str, settings: Any) -> None:
    assert len(LONG_HOST) == 40
    settings.PUBLIC_URL = f"https://{LONG_HOST}/"
    account = forgetful(language=language).account
    Account.objects.filter(pk=account.pk).update(username="a" * 30)
    account.refresh_from_db()
    notices.tell(account, subject=subject)
    text = compose(Message.objects.get(channel="sms")).body
    assert gsm.length(text) <= gsm.SEGMENT
    assert re.search(rf"https://{LONG_HOST}/mypassword/not-me/[\w-]{{16}}/$", text)
    assert re.search(r"\d\d/\d\d \d\d:\d\d", text)
    assert text.startswith("a" * 20)


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("template", ["recovery", "contact", "caller"])
def test_a_code_fits_one_sms(template: str, language: str, settings: Any) -> None:
    settings.PUBLIC_URL = f"https://{LONG_HOST}"
    pin = Pin(reference="KM", person=PersonFactory.create())
    text = compose(Message(template=template, language=language, channel="sms", secret="048213", pin=pin)).body
    assert gsm.length(text) <= gsm.SEGMENT
    assert "KM" in text
    # A code that is said on the telephone is for no page.
    assert (text.splitlines()[-1] == f"@{LONG_HOST} #048213") is (template != "caller")


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("count", [1, 3])
def test_usernames_fit_one_sms(count: int, language: str) -> None:
    names = ", ".join("a" * 25 for _turn in range(count))
    text = compose(Message(template="username", language=language, channel="sms", context={"usernames": names})).body
    assert gsm.length(text) <= gsm.SEGMENT
    assert names in text


@pytest.mark.parametrize("language", ["el", "en"])
def test_an_e_mail_says_what_happened_when_to_whom_and_where_to_object(language: str) -> None:
    account = forgetful(language=language).account
    notices.tell(account, subject="contact_changed")
    text = compose(Message.objects.get(channel="email"))
    for part in (text.body, text.html):
        assert account.username in part
        assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", part)
        assert re.search(r"http://127.0.0.1:8000/mypassword/not-me/[\w-]{16}/", part)
    assert account.username in text.subject
    assert "not-me" not in text.subject


def test_a_notice_of_nothing_known_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        notices.tell(forgetful().account, subject="something")


def test_a_notice_whose_link_was_wiped_is_not_sent_again() -> None:
    told(forgetful(recovery_email=""))
    Message.objects.update(state=Message.State.FAILED)
    assert not send_again(Message.objects.get())


# ---- The page -----------------------------------------------------------------------------------------------------


def test_looking_changes_nothing() -> None:
    person = forgetful(signed_in=True)
    link = told(person)
    events = AuditEvent.objects.count()
    for _turn in range(3):
        answer = person.elsewhere().get(link)
        assert answer.status_code == OK
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
    text = page(answer)
    assert person.account.username in text
    assert "password changed" in text
    assert "the account is blocked" in text
    assert Client().head(link).status_code == OK
    assert person.is_signed_in()
    assert (Notice.objects.get().used_at, AuditEvent.objects.count()) == (None, events)


def test_the_button_ends_everything_and_blocks_the_account_until_it_is_recovered(settings: Any) -> None:
    settings.OPERATOR_EMAIL = "operator@example.org"
    person = forgetful(signed_in=True)
    thief = person.elsewhere().reach_password()
    waiting = person.elsewhere().reach_pin(channel="email")
    pin = pins_sent_to(person.account.recovery_email)[0]
    link = told(person)
    assert "The account is blocked" in page(person.elsewhere().post(link))
    assert not person.is_signed_in()
    assert "holds no recovery under way" in page(thief.set_password())
    waiting.type_pin(pin)
    assert goes_to(waiting.set_password()) != SET
    assert password_is(person.account, PASSWORD)
    assert "blocked" in page(person.sign_in())
    assert not person.is_signed_in()
    assert Pin.objects.filter(used_at=None, replaced_at=None).count() == 0
    assert Message.objects.get(template="alarm").destination == "operator@example.org"
    person.elsewhere().recover()
    assert goes_to(person.sign_in(password=NEW_PASSWORD)) == "/mypassword/"


def test_of_two_clicks_one_counts_and_the_second_is_told_so() -> None:
    person = forgetful()
    link = told(person)
    person.elsewhere().post(link)
    blocked_at = Account.objects.get(pk=person.account.pk).blocked_at
    for answer in (person.elsewhere().post(link), person.elsewhere().get(link)):
        assert SPENT in page(answer)
    assert Account.objects.get(pk=person.account.pk).blocked_at == blocked_at
    assert AuditEvent.objects.filter(act="account.blocked").count() == 1


@pytest.mark.parametrize("token", ["x", "A" * 16, "..", "%00"])
def test_a_made_up_link_says_that_it_no_longer_works(token: str) -> None:
    person = forgetful()
    told(person)
    assert SPENT in page(person.get(f"/mypassword/not-me/{token}/"))
    assert Account.objects.get(pk=person.account.pk).blocked_at is None


def test_the_link_stands_in_no_log_and_no_audit_event(caplog: pytest.LogCaptureFixture) -> None:
    person = forgetful(recovery_email="")
    link = told(person)
    token = link.split("/")[-2]
    strict = Client(enforce_csrf_checks=True)
    strict.get(link)
    strict.post(link)
    strict.post(link)
    assert Account.objects.get(pk=person.account.pk).blocked_at
    assert token not in caplog.text
    assert token not in repr(list(AuditEvent.objects.values()))
    assert token not in repr(list(Notice.objects.values()))
    assert token not in repr(list(Message.objects.values()))


def test_the_second_factor_and_the_password_stay_as_they_are() -> None:
    person = forgetful()
    person.elsewhere().post(told(person))
    assert password_is(person.account, PASSWORD)


def test_a_blocked_account_is_disowned_all_the_same() -> None:
    person = forgetful(blocked=True)
    access.end_sessions(person.account, actor=person.account)
    assert "The account is blocked" in page(person.elsewhere().post(told(person)))
