"""Delivery receipts: the provider's are believed, everybody else's do no harm, and the order does not matter."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from accounts.messages.receipts import receipt_address
from accounts.messages.send import _claim, _sent
from accounts.models import Message
from tests.accounts.messages.rows import MOBILE, delivered, queued
from tests.services.providers import GunetSms, Twilio

pytestmark = pytest.mark.django_db
State = Message.State


def path_of(gateway: str, message: Message) -> str:
    return "/" + receipt_address(gateway, message).split("/", 3)[3]


def twilio_says(message: Message, status: str, *, token: str = Twilio.token, sid: str = "", **changes: str) -> int:
    """The status of the answer; `changes` are made after the signature."""
    fields = {"MessageSid": sid or message.provider_id, "MessageStatus": status, "To": message.destination}
    signature = RequestValidator(token).compute_signature(receipt_address("twilio", message), fields)
    headers = {"X-Twilio-Signature": signature}
    return Client().post(path_of("twilio", message), fields | changes, headers=headers).status_code


def gunet_says(message: Message, status: str, *, recipient: Any = "6900000001", path: str = "") -> int:
    report = {"serviceId": "uregister", "recipient": recipient, "status": status, "error": ""}
    return gunet_posts(path or path_of("gunet", message), json.dumps(report).encode())


def gunet_posts(path: str, body: bytes) -> int:
    return Client().generic("POST", path, body, content_type="application/json").status_code


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.error


@pytest.fixture
def by_twilio(twilio: Twilio) -> Message:
    return delivered(queued())


@pytest.fixture
def by_gunet(gunet: GunetSms) -> Message:
    return delivered(queued())


# ---- Believed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        ("queued", "sent", ""),
        ("sent", "sent", ""),
        ("delivered", "delivered", ""),
        ("read", "delivered", ""),
        ("undelivered", "failed", "undelivered"),
        ("failed", "failed", "undelivered"),
        ("something-new", "sent", ""),
    ],
)
def test_twilio(by_twilio: Message, status: str, state: str, error: str) -> None:
    assert twilio_says(by_twilio, status) == 204
    assert state_of(by_twilio) == (state, error)
    assert bool(by_twilio.delivered_at) == (state == "delivered")


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [("DELIVRD", "delivered", ""), ("ERROR", "failed", "undelivered"), ("ACCEPTD", "sent", "")],
)
def test_gunet(by_gunet: Message, status: str, state: str, error: str) -> None:
    assert gunet_says(by_gunet, status) == 204
    assert state_of(by_gunet) == (state, error)


@pytest.mark.parametrize("recipient", ["6900000001", "306900000001", "+306900000001", "00306900000001", 6900000001])
def test_gunet_may_write_the_number_in_any_form(by_gunet: Message, recipient: Any) -> None:
    assert gunet_says(by_gunet, "DELIVRD", recipient=recipient) == 204
    assert state_of(by_gunet) == ("delivered", "")


# ---- Twice, late, in the wrong order ------------------------------------------------------------------------------


def test_told_twice(by_gunet: Message) -> None:
    gunet_says(by_gunet, "DELIVRD")
    by_gunet.refresh_from_db()
    first = by_gunet.delivered_at
    gunet_says(by_gunet, "DELIVRD")
    by_gunet.refresh_from_db()
    assert (by_gunet.state, by_gunet.delivered_at) == ("delivered", first)


def test_an_error_after_the_delivery_changes_nothing(by_gunet: Message) -> None:
    gunet_says(by_gunet, "DELIVRD")
    assert gunet_says(by_gunet, "ERROR") == 204
    assert state_of(by_gunet) == ("delivered", "")


def test_a_delivery_after_an_error_counts(by_twilio: Message) -> None:
    twilio_says(by_twilio, "undelivered")
    assert twilio_says(by_twilio, "delivered") == 204
    assert state_of(by_twilio) == ("delivered", "")


def test_sent_after_delivered_changes_nothing(by_twilio: Message) -> None:
    twilio_says(by_twilio, "delivered")
    assert twilio_says(by_twilio, "sent") == 204
    assert state_of(by_twilio) == ("delivered", "")


@pytest.mark.parametrize(("status", "expected"), [("DELIVRD", ("delivered", "")), ("ERROR", ("failed", "undelivered"))])
def test_before_our_note_of_the_acceptance(gunet: GunetSms, status: str, expected: tuple[str, str]) -> None:
    """The receipt was quicker than the sender, who writes what it knows afterwards."""
    message = queued()
    _claim(message.pk)
    assert gunet_says(message, status) == 204
    message.gateway, message.provider_id = "gunet", ""
    _sent(message)
    assert state_of(message) == expected
    assert (message.gateway, message.secret) == ("gunet", "")
    assert message.sent_at


def test_a_delivery_of_a_message_that_is_about_to_be_tried_again_stops_that(gunet: GunetSms) -> None:
    """The service had taken it and cut the line before it said so."""
    gunet.behave("drop")
    message = delivered(queued())
    assert message.state == "queued"
    assert gunet_says(message, "DELIVRD") == 204
    gunet.behave("accept")
    Message.objects.update(due_at=message.created_at)
    assert delivered(message).state == "delivered"
    assert len(gunet.calls) == 1


def test_an_error_about_a_message_that_was_not_sent_yet_changes_nothing(gunet: GunetSms) -> None:
    message = queued()
    assert gunet_says(message, "ERROR") == 204
    assert state_of(message) == ("queued", "")


# ---- Forged -------------------------------------------------------------------------------------------------------


def test_twilio_s_signature_is_checked(by_twilio: Message) -> None:
    assert twilio_says(by_twilio, "delivered", token="guessed") == 403
    assert twilio_says(by_twilio, "sent", MessageStatus="delivered") == 403
    assert Client().post(path_of("twilio", by_twilio), {"MessageStatus": "delivered"}).status_code == 403
    assert state_of(by_twilio) == ("sent", "")


def test_twilio_s_receipt_of_another_message(by_twilio: Message) -> None:
    assert twilio_says(by_twilio, "delivered", sid="SM" + "f" * 32) == 403
    other = delivered(queued())
    fields = {"MessageSid": other.provider_id, "MessageStatus": "delivered"}
    signature = RequestValidator(Twilio.token).compute_signature(receipt_address("twilio", other), fields)
    # Replayed at the address of the first one.
    response = Client().post(path_of("twilio", by_twilio), fields, headers={"X-Twilio-Signature": signature})
    assert response.status_code == 403
    assert state_of(by_twilio) == state_of(other) == ("sent", "")


@pytest.mark.parametrize("recipient", ["6900000002", "1", "", "900000001", None, {}, "6900000001 OR 1"])
def test_gunet_s_receipt_for_somebody_else(by_gunet: Message, recipient: Any) -> None:
    assert gunet_says(by_gunet, "DELIVRD", recipient=recipient) == 403
    assert state_of(by_gunet) == ("sent", "")


def test_an_address_that_was_guessed(by_gunet: Message) -> None:
    right = path_of("gunet", by_gunet)
    token = right.rstrip("/").rsplit("/", 1)[1]
    swapped = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (right.replace(token, swapped), right.replace(token, "x"), right.replace(token, token.upper() + "Α")):
        assert gunet_says(by_gunet, "DELIVRD", path=wrong) == 404
    # One gateway's address opens nothing of another's, nor one message's of another's, nor does an unknown one.
    assert gunet_says(by_gunet, "DELIVRD", path=path_of("twilio", by_gunet).replace("/twilio/", "/gunet/")) == 404
    other = Message(pk=uuid4())
    assert gunet_says(by_gunet, "DELIVRD", path=path_of("gunet", other)) == 404
    assert gunet_says(by_gunet, "DELIVRD", path=right.replace(str(by_gunet.pk), str(other.pk))) == 404
    assert state_of(by_gunet) == ("sent", "")


@pytest.mark.parametrize("gateway", ["twilio", "gunet"])
def test_nothing_but_post(by_gunet: Message, gateway: str) -> None:
    for method in ("get", "head", "put", "delete"):
        assert getattr(Client(), method)(path_of(gateway, by_gunet)).status_code == 405
    assert state_of(by_gunet) == ("sent", "")


def test_needs_no_session_and_no_csrf_token(by_gunet: Message) -> None:
    client = Client(enforce_csrf_checks=True)
    report = {"recipient": "6900000001", "status": "DELIVRD"}
    response = client.post(path_of("gunet", by_gunet), report, content_type="application/json")
    assert response.status_code == 204
    assert not response.cookies


# ---- Garbage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"status"', b"\xff\xfe", b"{}", b'{"status": "DELIVRD"}', b"[" * 100_000, b"1" * 5000],
)
def test_garbage_is_refused(by_gunet: Message, body: bytes) -> None:
    assert gunet_posts(path_of("gunet", by_gunet), body) == 400
    assert state_of(by_gunet) == ("sent", "")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_garbage_is_refused(by_gunet: Message, body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    assert gunet_posts(path_of("gunet", by_gunet), raw) == 400
    assert Client().generic("POST", path_of("twilio", by_gunet), raw, "multipart/form-data").status_code in (400, 403)
    assert state_of(by_gunet) == ("sent", "")
    assert by_gunet.destination == MOBILE
