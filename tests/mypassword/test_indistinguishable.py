"""Nobody learns from a forgotten password or username who exists, or which contact is stored."""

import gc
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from accounts.messages import health, send
from accounts.models import Account, Message
from tests.activation.visitor import page
from tests.mypassword.forgetful import NEW_PIN, PIN, USERNAME, Forgetful, forgetful
from tests.services.mail import MailServer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ROUNDS = 200
CLOSE = 0.10
# What differs from one request to the next, whoever asks.
TOKENS = (
    re.compile(r'name="csrfmiddlewaretoken" value="\w+"'),
    re.compile(r"<strong>[A-Z]{2}</strong>"),
    re.compile(r"<time[^>]*>[^<]*</time>"),
    re.compile(r'data-countdown="\d+"'),
    re.compile(r"sessionid=\w+|csrftoken=\w+|expires=[^;]+"),
)

Typed = dict[str, str]


def kinds(channel: str) -> dict[str, Callable[[], tuple[Forgetful, dict[str, str]]]]:
    """Whoever asks, each in a new browser, and what they type, as long as that of the others."""

    # What the page's mask shows is the same for all: it is what each has typed.
    def kind(number: int, *, typed_number: int = 0, known: bool = True) -> Callable[[], tuple[Forgetful, Typed]]:
        stored = contacts_of(number)
        person = forgetful(recovery_mobile=stored["sms"], recovery_email=stored["email"])
        username = person.account.username if known else "x" * len(person.account.username)
        contact = contacts_of(typed_number or number)[channel]
        typed = {"channel": channel, "contact": contact, "username": username}
        return lambda: (person.elsewhere(), typed)

    without = kind(4)
    Account.objects.filter(username=without()[1]["username"]).update(recovery_mobile="", recovery_email="")
    return {"known": kind(1), "unknown": kind(2, known=False), "wrong": kind(5, typed_number=7), "none": without}


def contacts_of(number: int) -> dict[str, str]:
    return {"sms": f"+30690000{number}123", "email": f"m{number}aria@example.org"}


def seen(response: HttpResponse) -> tuple[Any, ...]:
    """All that a stranger sees of an answer, but for tokens."""
    # Another identifier in each answer, whoever asks.
    random = ("Content-Length", "X-Request-ID")
    headers = sorted((name, plain(value)) for name, value in response.items() if name not in random)
    cookies = sorted((name, plain(morsel.OutputString())) for name, morsel in response.cookies.items())
    return response.status_code, headers, cookies, plain(page(response)), len(response.content)


def plain(text: str) -> str:
    for token in TOKENS:
        text = token.sub("…", text)
    return text


def statements(ask: Callable[[], Any]) -> list[str]:
    """The shape of the statements, without their values."""
    # Each process re-reads how the gateways are only now and then.
    health.forget()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [re.sub(r'"s\d+_x\d+"', "", " ".join(query["sql"].split()[:4])) for query in captured.captured_queries]


def looked_at(begin: Callable[[], tuple[Forgetful, Typed]]) -> tuple[list[Any], list[Any]]:
    """What is seen of each step, and the statements behind it."""
    person, typed = begin()
    steps: tuple[Callable[[], Any], ...] = (
        lambda: person.ask(**typed),
        lambda: person.get(PIN),
        lambda: person.post(PIN, pin="000000"),
        lambda: person.post(NEW_PIN),
        lambda: person.get("/mypassword/forgotten/password/"),
        lambda: person.get(PIN),
    )
    answers: list[Any] = []
    queries = [statements(lambda step=step: answers.append(seen(step()))) for step in steps]
    return answers, queries


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_the_same_answers_and_the_same_statements(channel: str, no_limits: None) -> None:
    everybody = kinds(channel)
    with time_machine.travel(NOON, tick=False):
        looked_at(everybody["known"])  # What is read only once is read now.
        found = {name: looked_at(begin) for name, begin in everybody.items()}
    for name, (answers, queries) in found.items():
        assert answers == found["known"][0], name
        assert queries == found["known"][1], name


def test_the_same_answer_and_statements_about_a_username(no_limits: None) -> None:
    person = forgetful(recovery_mobile="+306900000123")

    def look(mobile: str) -> tuple[Any, list[str]]:
        answers: list[Any] = []

        def ask() -> None:
            answers.append(seen(person.elsewhere().post(USERNAME, channel="sms", mobile=mobile)))

        return answers, statements(ask)

    with time_machine.travel(NOON, tick=False):
        look("+306900000123")
        assert look("+306900000123") == look("+306900000124")


def medians(asks: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Seconds of CPU that a request of each kind takes, measured in turns.

    All of it is done in this thread; what other processes do to the clock on the wall is no matter here.
    """
    times: dict[str, list[float]] = {name: [] for name in asks}
    names = list(asks)
    with Quiet():
        for turn in range(ROUNDS):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                begun = time.thread_time()
                asks[name]()
                times[name].append(time.thread_time() - begun)
    return {name: statistics.median(values) for name, values in times.items()}


class Quiet:
    """Without the garbage collector, whose turn falls to whoever happens to ask."""

    def __enter__(self) -> None:
        gc.collect()
        gc.disable()

    def __exit__(self, *_error: object) -> None:
        gc.enable()


def assert_close(found: dict[str, float]) -> None:
    for value in found.values():
        assert abs(value / found["known"] - 1) < CLOSE, {key: f"{each * 1000:.2f} ms" for key, each in found.items()}


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_asking_takes_as_long_for_everybody(channel: str, no_limits: None) -> None:
    def ask(begin: Callable[[], tuple[Forgetful, dict[str, str]]]) -> None:
        person, typed = begin()
        person.ask(**typed)

    asks = {name: lambda begin=begin: ask(begin) for name, begin in kinds(channel).items()}
    assert_close(medians(asks))


def test_the_pin_page_takes_as_long_for_everybody(no_limits: None) -> None:
    def pages() -> Iterator[tuple[str, Callable[[], Any]]]:
        for name, begin in kinds("sms").items():
            person, typed = begin()
            person.ask(**typed)
            yield name, lambda person=person: person.post(PIN, pin="000000")

    assert_close(medians(dict(pages())))


def test_a_forgotten_username_takes_as_long_for_everybody(no_limits: None) -> None:
    person = forgetful(recovery_mobile="+306900000123")
    asks = {
        name: lambda mobile=mobile: person.elsewhere().post(USERNAME, channel="sms", mobile=mobile)
        for name, mobile in (("known", "+306900000123"), ("unknown", "+306900000124"))
    }
    assert_close(medians(asks))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("beside_the_request")
def test_nobody_waits_for_a_mail_server_that_only_a_real_message_meets(
    mail: MailServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A later try would come after this test.
    monkeypatch.setattr(send, "BACKOFF", ())
    settings.EMAIL_GATEWAY = "email"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail.port, 1
    mail.behave("hang")
    person = forgetful()
    begun = time.monotonic()
    response = person.client.post(
        "/mypassword/forgotten/",
        {"username": person.account.username, "channel": "email", "email": person.account.recovery_email},
    )
    assert response.status_code == 302
    assert time.monotonic() - begun < 0.9
    while Message.objects.get().state != Message.State.FAILED:
        assert time.monotonic() - begun < 20
        time.sleep(0.05)
