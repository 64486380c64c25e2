"""Delivery receipts: what a provider tells afterwards about a message it accepted.

Each message has its own address for receipts, which nobody can guess: the row's key and a keyed hash of it. What is
told twice, late or in the wrong order changes nothing that is known better: a message that was delivered stays so.
"""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Message

State = Message.State


class ReceiptForged(Exception):
    """The receipt does not come from the provider that the message was given to."""


def receipt_address(gateway: str, message: Message) -> str:
    """The absolute address at which the provider may report on this message."""
    path = reverse(f"accounts:receipt_{gateway}", args=[message.pk, _token(gateway, message.pk)])
    return settings.PUBLIC_URL.rstrip("/") + path


def open_receipt(gateway: str, key: UUID, token: str) -> Message:
    """The message of a receipt's address. Raises `ReceiptForged`."""
    if not constant_time_compare(token, _token(gateway, key)):
        raise ReceiptForged
    message = Message.objects.filter(pk=key).first()
    if message is None:
        raise ReceiptForged
    return message


def is_recipient(message: Message, number: str) -> bool:
    """Whether the number, national or with the country's code in any of its usual forms, is the message's."""
    digits = message.destination.removeprefix("+")
    return number.strip().removeprefix("+").removeprefix("00") in (digits, digits.removeprefix("30"))


def delivered(message: Message) -> None:
    """Note the delivery, even after an earlier report of a failure: the person has the message."""
    Message.objects.filter(pk=message.pk).exclude(state=State.DELIVERED).update(
        state=State.DELIVERED, delivered_at=timezone.now(), error="", secret=""
    )


def undelivered(message: Message) -> None:
    """Note that the network gave up, unless the message was delivered."""
    accepted = Message.objects.filter(pk=message.pk, state__in=(State.SENDING, State.SENT))
    accepted.update(state=State.FAILED, error="undelivered", secret="")


def _token(gateway: str, key: UUID) -> str:
    return salted_hmac("accounts.receipts", f"{gateway}:{key}", algorithm="sha256").hexdigest()[:32]
