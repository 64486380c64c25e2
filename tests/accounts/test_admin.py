"""What operators see of messages and gateways: fates, no contents, no whole addresses."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.demo.models import CODE as FACTOR
from accounts.demo.models import DemoDevice
from accounts.models import Account, GatewayHealth, InboxMessage, Message, Pin
from tests.accounts.messages.rows import ADDRESS, CODE, MOBILE, queued

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/message/"
State = Message.State


def operator(*permissions: str) -> Client:
    """A member of the staff with these rights, signed in with both factors."""
    account = Account.objects.create_user("operator", "blue-ferry-harbour", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    DemoDevice.objects.create(user=account, name="demo")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post("/mypassword/login/", {"username": "operator", "password": "blue-ferry-harbour"})
    client.post("/mypassword/login/code/", {"code": FACTOR})
    return client


def failed(channel: str = "sms", **pin: Any) -> Message:
    message = queued(channel, **pin)
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, error="unavailable", tries=5, gateway="twilio")
    message.refresh_from_db()
    return message


def send_again(client: Client, *messages: Message) -> Any:
    return client.post(
        LIST, {"action": "send_again", "_selected_action": [message.pk for message in messages]}, follow=True
    )


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_list_and_detail_show_the_fate_and_no_content(channel: str) -> None:
    client = operator("view_message")
    message = failed(channel)
    for path in (LIST, f"{LIST}{message.pk}/change/"):
        page = client.get(path).content.decode()
        assert "Ask for a new PIN, or use the other way." in page
        assert "twilio" in page
        assert "•••••" in page
        for secret in (MOBILE, MOBILE[3:], ADDRESS, CODE, message.secret, "gAAAA"):
            assert secret not in page


def test_nobody_adds_changes_or_deletes_messages() -> None:
    client = operator("view_message", "add_message", "change_message", "delete_message")
    message = failed()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{message.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{message.pk}/change/", {"state": "sent", "destination": "+306900009999"})
    message.refresh_from_db()
    assert (message.state, message.destination) == (State.FAILED, MOBILE)


def test_without_the_right_there_is_nothing_to_see() -> None:
    assert operator().get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


def test_sent_again(django_capture_on_commit_callbacks: Any) -> None:
    client = operator("view_message", "resend_message")
    living, dead, sent = failed(), failed(replaced_at=timezone.now()), failed("email")
    Message.objects.filter(pk=sent.pk).update(state=State.SENT)
    with django_capture_on_commit_callbacks(execute=True):
        page = send_again(client, living, dead, sent).content.decode()
    assert "1 message was queued." in page
    assert "The others have not failed, or their PIN is dead" in page
    assert [message.to for message in InboxMessage.objects.all()] == [MOBILE]
    living.refresh_from_db()
    assert (living.state, living.secret) == (State.SENT, "")


def test_not_sent_again_without_the_right(django_capture_on_commit_callbacks: Any) -> None:
    client = operator("view_message")
    message = failed()
    assert "send_again" not in client.get(LIST).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        send_again(client, message)
    message.refresh_from_db()
    assert (message.state, InboxMessage.objects.count()) == (State.FAILED, 0)


def test_gateways_are_shown() -> None:
    GatewayHealth.objects.create(name="twilio", failures=7, resting_until=timezone.now(), last_error="unavailable")
    page = operator("view_gatewayhealth").get("/admin/accounts/gatewayhealth/").content.decode()
    assert "twilio" in page
    assert ">7<" in page


@pytest.mark.parametrize("kind", ["message", "gatewayhealth"])
def test_more_rows_need_no_more_queries(kind: str) -> None:
    client = operator("view_message", "view_gatewayhealth", "resend_message")
    counts = []
    for rows in (1, 3):
        while Message.objects.count() < rows:
            failed()
            GatewayHealth.objects.create(name=f"gateway{Message.objects.count()}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"/admin/accounts/{kind}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Pin.objects.count() == 3
