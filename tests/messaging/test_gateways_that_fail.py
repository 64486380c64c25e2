"""A mail server or a gateway misbehaves: the page says so, the other channel delivers, and nobody waits for it."""

import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.messaging.browser import Browser
from tests.messaging.conftest import Report
from tests.services.mail import MailServer
from tests.services.processes import private_directory, wait_until
from tests.services.product import Product, loose_limits, served
from tests.services.providers import Twilio, provider
from tests.services.redis import redis
from tests.services.worker import worker

MARIA, MARIA_EMAIL = "+306900000001", "maria@example.org"
SMS_SENT = "SMS to +30 •••••001 : sent"


class Setup:
    def __init__(self, product: Product, twilio: Twilio) -> None:
        self.product, self.twilio = product, twilio


@pytest.fixture(scope="module")
def _setup(_mail_server: MailServer) -> Iterator[Setup]:
    with ExitStack() as resources:
        state: Path = resources.enter_context(private_directory("gateways"))
        twilio = resources.enter_context(provider(Twilio))
        options = {
            "REDIS_URL": resources.enter_context(redis()),
            "SMS_GATEWAYS": "twilio",
            "EMAIL_URL": _mail_server.url,
            "EMAIL_TIMEOUT": "1",
            "LIMITS": loose_limits(settings.LIMITS),
        }
        product = resources.enter_context(served(state, **options, **twilio.settings))
        resources.enter_context(worker(state, product.env, concurrency=4))
        yield Setup(product, twilio)


@pytest.fixture
def setup(_setup: Setup) -> Setup:
    _setup.twilio.forget()
    return _setup


def sms_pin(twilio: Twilio) -> str:
    wait_until(lambda: twilio.accepted, "the SMS arrives")
    return re.findall(r"\b\d{6}\b", twilio.accepted[-1].fields["Body"])[0]


def sees(browser: Browser, *words: str) -> str:
    def shown() -> bool:
        return all(word in browser.deliveries() for word in words)

    wait_until(shown, f"the page says {words}", seconds=20)
    return browser.deliveries()


def test_a_refused_recipient(setup: Setup, mail: MailServer) -> None:
    mail.refuse(MARIA_EMAIL)
    browser = Browser(setup.product)
    browser.ask_for_pin(mobile=MARIA, email=MARIA_EMAIL)
    said = sees(browser, "failed The network or mail server does not know this address or number.", SMS_SENT)
    assert MARIA_EMAIL not in said
    assert mail.received == []
    assert browser.post("/activation/pin/", pin=sms_pin(setup.twilio)).status_code == 302


@pytest.mark.parametrize("behaviour", ["hang", "drop"])
def test_a_mail_server_that_fails(setup: Setup, mail: MailServer, behaviour: Any) -> None:
    mail.behave(behaviour)
    browser = Browser(setup.product)
    browser.ask_for_pin(mobile=MARIA, email=MARIA_EMAIL)
    sees(browser, "E-mail to m•••••@example.org : not accepted yet; we keep trying", SMS_SENT)
    # It comes to itself: the next try delivers.
    mail.behave("accept")
    sees(browser, "E-mail to m•••••@example.org : sent")
    (received,) = mail.to(MARIA_EMAIL)
    pin = sms_pin(setup.twilio)
    assert pin in received.text
    assert browser.post("/activation/pin/", pin=pin).status_code == 302


def test_a_gateway_that_fails_leaves_the_e_mail(setup: Setup, mail: MailServer) -> None:
    setup.twilio.behave("refuse")
    browser = Browser(setup.product)
    browser.ask_for_pin(mobile=MARIA, email=MARIA_EMAIL)
    sees(browser, "failed", "E-mail to m•••••@example.org : sent")
    pin = re.findall(r"\b\d{6}\b", mail.to(MARIA_EMAIL)[0].text)[0]
    assert browser.post("/activation/pin/", pin=pin).status_code == 302


def test_nobody_waits_for_a_gateway_that_hangs(setup: Setup, mail: MailServer, report: Report) -> None:
    """Requests with a hanging and an answering gateway take turns, so that the machine's moods hit both."""
    took: dict[str, list[float]] = {"accept": [], "hang": []}
    for turn in range(24):
        behaviour = "hang" if turn % 2 else "accept"
        setup.twilio.behave(behaviour)
        browser = Browser(setup.product)
        browser.ask_for_pin(mobile=MARIA)
        if turn > 3:
            took[behaviour].append(browser.took[-1][1])
    answering, hanging = (statistics.median(took[behaviour]) * 1000 for behaviour in ("accept", "hang"))
    report(
        f"The request that issues a PIN, median of {len(took['hang'])}: {answering:.0f} ms with a gateway that "
        f"answers, {hanging:.0f} ms with one that hangs (worst {max(took['hang']) * 1000:.0f} ms)"
    )
    assert hanging < answering * 1.5 + 20
    assert max(took["hang"]) < 1
