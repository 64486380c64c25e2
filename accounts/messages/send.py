"""The life of a message: queued, sent, failed."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.messages.compose import compose
from accounts.messages.gateways import GatewayFailed, gateways_for
from accounts.models import Message, Pin

logger = logging.getLogger(__name__)

State = Message.State

# Why a message failed and what the person can do, by the code in the row.
REASONS: dict[str, str | Promise] = {
    "refused": _("This address or number does not accept messages. Check it, or use the other way."),
    "unavailable": _("The message could not be sent. Ask for a new PIN, or use the other way."),
    "no_gateway": _("Messages of this kind can't be sent at the moment. Use the other way."),
    "expired": _("The message was not sent in time. Ask for a new PIN."),
}


class Destination(NamedTuple):
    channel: str
    address: str


def queue(
    destinations: Sequence[Destination], *, template: str, language: str, pin: Pin | None = None, secret: str = ""
) -> list[Message]:
    """Keep a message for each destination and have it sent once the transaction is committed."""
    messages = Message.objects.bulk_create(
        Message(
            template=template,
            language=language,
            channel=destination.channel,
            destination=destination.address,
            pin=pin,
            secret=secret,
        )
        for destination in destinations
    )
    transaction.on_commit(partial(dispatch, [message.pk for message in messages]))
    return messages


def dispatch(keys: Sequence[UUID]) -> None:
    """Have the messages sent. This is where a queue takes over."""
    for key in keys:
        deliver(key)


def deliver(key: UUID) -> None:
    """Send one message, unless somebody else does or did: the row is claimed in one statement."""
    if not Message.objects.filter(pk=key, state=State.QUEUED).update(state=State.SENDING):
        return
    message = Message.objects.select_related("pin").get(pk=key)
    error = _hand_over(message)
    if error:
        Message.objects.filter(pk=key).update(state=State.FAILED, error=error, secret="")
        logger.warning("Message %s failed: %s", key, error)
        return
    Message.objects.filter(pk=key).update(
        state=State.SENT, gateway=message.gateway, provider_id=message.provider_id, sent_at=timezone.now(), secret=""
    )


def _hand_over(message: Message) -> str:
    """Try the gateways in order; returns "" or the code of the last failure."""
    if message.pin is not None and message.pin.expires_at <= timezone.now():
        return "expired"
    error = "no_gateway"
    text = compose(message)
    for gateway in gateways_for(message.channel):
        message.gateway = gateway.__name__.rpartition(".")[2]
        try:
            message.provider_id = gateway.send(message, text)
        except GatewayFailed as failure:
            error = failure.code
        else:
            return ""
    return error
