"""Each gateway against a real HTTP server that plays its provider, and the order in which they are asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.messages import health
from accounts.messages.gateways import gunet as gunet_gateway
from accounts.messages.gateways import http as http_gateway
from accounts.messages.gateways import twilio as twilio_gateway
from accounts.messages.health import LONGEST_REST, PATIENCE, REST
from accounts.messages.receipts import receipt_address
from accounts.models import GatewayHealth, Message
from tests.accounts.messages.rows import CODE, FOREIGN, MOBILE, delivered, queued
from tests.services.processes import free_port
from tests.services.providers import Generic, GunetSms, Provider, Twilio

pytestmark = pytest.mark.django_db
State = Message.State
NOON = datetime(2026, 9, 28, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["twilio", "gunet", "generic"])
def played(request: pytest.FixtureRequest) -> Provider:
    provider: Provider = request.getfixturevalue(request.param)
    return provider


# ---- What they are sent -------------------------------------------------------------------------------------------


def test_twilio(twilio: Twilio) -> None:
    message = delivered(queued())
    (call,) = twilio.calls
    assert call.fields["To"] == MOBILE
    assert call.fields["From"] == twilio.sender
    assert call.fields["Body"].count(CODE) == 2
    assert call.fields["StatusCallback"] == receipt_address("twilio", message)
    assert (message.state, message.gateway) == (State.SENT, "twilio")
    assert message.provider_id.startswith("SM")


def test_gunet_writes_national_numbers(gunet: GunetSms) -> None:
    message = delivered(queued())
    (call,) = gunet.calls
    assert call.fields["recipient"] == "6900000001"
    assert call.fields["replacements"][0].count(CODE) == 2
    assert call.fields["dlr-url"] == receipt_address("gunet", message)
    assert (message.state, message.gateway, message.provider_id) == (State.SENT, "gunet", "")


def test_a_generic_gateway_as_its_settings_say(generic: Generic) -> None:
    message = delivered(queued())
    (call,) = generic.calls
    assert call.fields["to"] == "306900000001"
    assert call.fields["message"]["text"].splitlines()[-1] == f"@127.0.0.1 #{CODE}"
    assert (message.state, message.gateway) == (State.SENT, "http")


def test_a_generic_gateway_that_wants_a_form(generic: Generic, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Generic, "check", lambda _self, _call: "")
    settings.HTTP_SMS_HEADERS = {"content-type": "application/x-www-form-urlencoded"}
    settings.HTTP_SMS_BODY = "to={to}&text={text}&key=a{b}"
    delivered(queued())
    (call,) = generic.calls
    assert call.fields["to"] == MOBILE
    assert call.fields["text"].endswith(f"\n\n@127.0.0.1 #{CODE}")
    assert call.fields["key"] == "a{b}"


def test_a_generic_gateway_that_wants_it_in_the_address(generic: Generic, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Generic, "check", lambda _self, _call: "")
    settings.HTTP_SMS_HEADERS = {}
    settings.HTTP_SMS_METHOD = "GET"
    settings.HTTP_SMS_URL += "?to={to}&text={text}"
    settings.HTTP_SMS_BODY = ""
    delivered(queued())
    (call,) = generic.calls
    assert (call.method, call.fields["to"]) == ("GET", MOBILE)
    assert call.fields["text"].endswith(f"@127.0.0.1 #{CODE}")


# ---- What they answer ---------------------------------------------------------------------------------------------


def test_a_refused_number_is_not_tried_elsewhere(played: Provider, settings: Any, generic: Generic) -> None:
    used = {Twilio: "twilio", GunetSms: "gunet", Generic: "http"}[type(played)]
    settings.SMS_GATEWAYS = [used, *({"twilio", "gunet", "http"} - {used})]
    played.behave("refuse")
    message = delivered(queued())
    assert (message.state, message.error, message.gateway) == (State.FAILED, "refused", used)
    assert len(played.calls) == 1
    assert not GatewayHealth.objects.filter(failures__gt=0).exists()


@pytest.mark.parametrize("error", [21211, 21610, 21614])
def test_twilio_s_errors_that_blame_the_number(twilio: Twilio, monkeypatch: Any, error: int) -> None:
    monkeypatch.setattr(twilio, "number_error", error)
    twilio.behave("refuse")
    assert delivered(queued()).error == "refused"


def test_twilio_s_other_errors_do_not(twilio: Twilio, monkeypatch: Any) -> None:
    monkeypatch.setattr(twilio, "number_error", 20429)
    twilio.behave("refuse")
    message = delivered(queued())
    assert (message.state, message.error) == (State.QUEUED, "unavailable")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("behaviour", ["fail", "drop", "garbage", "hang"])
def test_a_failure_is_the_next_one_s_turn(
    played: Provider, settings: Any, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, behaviour: str
) -> None:
    used = {Twilio: "twilio", GunetSms: "gunet", Generic: "http"}[type(played)]
    follower: Provider = request.getfixturevalue("generic" if used != "http" else "twilio")
    settings.SMS_GATEWAYS = [used, "http" if used != "http" else "twilio"]
    played.behave(behaviour)
    message = delivered(queued())
    assert (message.state, message.gateway) == (State.SENT, settings.SMS_GATEWAYS[1])
    assert (len(played.calls), len(follower.accepted)) == (1, 1)
    assert GatewayHealth.objects.get(name=used).failures == 1
    for secret in (CODE, MOBILE, MOBILE[3:]):
        assert secret not in caplog.text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gunet_gateway, http_gateway, twilio_gateway):
        monkeypatch.setattr(module, "TIMEOUT", (0.3, 0.3))
    twilio_gateway._client.cache_clear()


def test_nobody_listens(generic: Generic, settings: Any) -> None:
    settings.HTTP_SMS_URL = f"http://127.0.0.1:{free_port()}/"
    message = delivered(queued())
    assert (message.state, message.error) == (State.QUEUED, "unavailable")


# ---- Foreign numbers ----------------------------------------------------------------------------------------------


def test_a_foreign_number_is_the_next_gateway_s_and_no_fault_of_gunet(
    gunet: GunetSms, twilio: Twilio, settings: Any
) -> None:
    settings.SMS_GATEWAYS = ["gunet", "twilio"]
    for _turn in range(PATIENCE + 1):
        assert delivered(queued(address=FOREIGN)).gateway == "twilio"
    assert gunet.calls == []
    assert not GatewayHealth.objects.filter(name="gunet").exists()
    assert delivered(queued()).gateway == "gunet"


def test_a_foreign_number_without_another_gateway(gunet: GunetSms) -> None:
    message = delivered(queued(address=FOREIGN))
    assert (message.state, message.error, message.gateway, message.tries) == (State.FAILED, "no_gateway", "", 1)
    assert gunet.calls == []


# ---- The circuit breaker ------------------------------------------------------------------------------------------


def test_a_gateway_that_keeps_failing_rests_and_recovers(twilio: Twilio, gunet: GunetSms, settings: Any) -> None:
    settings.SMS_GATEWAYS = ["twilio", "gunet"]
    twilio.behave("fail")
    with time_machine.travel(NOON, tick=False) as clock:
        for _turn in range(PATIENCE + 3):
            assert delivered(queued()).gateway == "gunet"
        # Resting: nobody asks it any more while another one answers.
        assert len(twilio.calls) == PATIENCE
        row = GatewayHealth.objects.get(name="twilio")
        assert (row.failures, row.last_error, row.failed_at) == (PATIENCE, "unavailable", NOON)
        assert row.resting_until == NOON + REST

        clock.shift(REST)
        health.forget()
        delivered(queued())
        row.refresh_from_db()
        assert (len(twilio.calls), row.failures) == (PATIENCE + 1, PATIENCE + 1)
        assert row.resting_until == timezone.now() + 2 * REST

        clock.shift(2 * REST)
        health.forget()
        twilio.behave("accept")
        assert delivered(queued()).gateway == "twilio"
        row.refresh_from_db()
        assert (row.failures, row.resting_until) == (0, None)


def test_a_resting_gateway_is_asked_last(twilio: Twilio, gunet: GunetSms, settings: Any) -> None:
    settings.SMS_GATEWAYS = ["twilio", "gunet"]
    GatewayHealth.objects.create(name="twilio", failures=9, resting_until=timezone.now() + timedelta(minutes=5))
    gunet.behave("fail")
    message = delivered(queued())
    assert (message.state, message.gateway) == (State.SENT, "twilio")
    assert len(gunet.calls) == 1
    # Well again, it is the first again.
    assert not GatewayHealth.objects.get(name="twilio").failures


def test_a_success_in_between_ends_the_row_of_failures(twilio: Twilio, gunet: GunetSms, settings: Any) -> None:
    settings.SMS_GATEWAYS = ["twilio", "gunet"]
    twilio.behave("fail", share=2)
    for _turn in range(4 * PATIENCE):
        delivered(queued())
    assert len(twilio.calls) == 4 * PATIENCE
    assert GatewayHealth.objects.get(name="twilio").resting_until is None


def test_no_rest_is_longer_than_ten_minutes() -> None:
    with time_machine.travel(NOON, tick=False):
        for _turn in range(40):
            health.failed("twilio", "unavailable")
    assert GatewayHealth.objects.get().resting_until == NOON + LONGEST_REST
