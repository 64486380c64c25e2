"""Providers on loopback, and gateways that know them."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.messages import health
from accounts.messages.gateways import twilio as twilio_gateway
from tests.services.mail import MailServer
from tests.services.providers import Generic, GunetSms, Provider, Twilio, provider
from uregister import environment as env


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What this process remembers of gateways is as after a start."""
    health.forget()
    yield
    health.forget()


def configure(settings: Any, played: Provider) -> None:
    """Give the gateway the provider's settings, read as the product reads them."""
    for name, value in played.settings.items():
        is_mapping, is_list = name.endswith("_HEADERS"), name.endswith("_ERRORS")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(f"UREGISTER_{name}", value)
            parsed = env.mapping(name, {"Content-Type": "application/json"}) if is_mapping else env.names(name)
        setattr(settings, name, parsed if is_mapping or is_list else value)


@pytest.fixture(scope="session")
def _twilio() -> Iterator[Twilio]:
    with provider(Twilio) as server:
        yield server


@pytest.fixture(scope="session")
def _gunet() -> Iterator[GunetSms]:
    with provider(GunetSms) as server:
        yield server


@pytest.fixture(scope="session")
def _generic() -> Iterator[Generic]:
    with provider(Generic) as server:
        yield server


@pytest.fixture
def twilio(_twilio: Twilio, settings: Any) -> Iterator[Twilio]:
    _twilio.forget()
    configure(settings, _twilio)
    settings.SMS_GATEWAYS = ["twilio"]
    twilio_gateway._client.cache_clear()
    yield _twilio
    twilio_gateway._client.cache_clear()
    assert _twilio.complaints == []


@pytest.fixture
def gunet(_gunet: GunetSms, settings: Any) -> Iterator[GunetSms]:
    _gunet.forget()
    configure(settings, _gunet)
    settings.SMS_GATEWAYS = ["gunet"]
    yield _gunet
    assert _gunet.complaints == []


@pytest.fixture
def generic(_generic: Generic, settings: Any) -> Iterator[Generic]:
    _generic.forget()
    configure(settings, _generic)
    settings.SMS_GATEWAYS = ["http"]
    yield _generic
    assert _generic.complaints == []


@pytest.fixture
def smtp(mail: MailServer, settings: Any) -> MailServer:
    settings.EMAIL_GATEWAY = "email"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail.port, 1
    return mail
