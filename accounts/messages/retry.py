"""Staff have messages sent again that have failed, while what they carry still counts."""

from collections.abc import Iterable

from django.db import transaction

from accounts import audit
from accounts.messages import send
from accounts.models import Account, Message
from accounts.models.message import Channel
from registry.contacts import mask_email, mask_mobile


@transaction.atomic
def retry(messages: Iterable[Message], *, actor: Account, address: str | None = None) -> int:
    """Queue those of the messages that have failed and can be sent; returns how many. Each comes with its PIN."""
    queued = [message for message in messages if send.send_again(message)]
    for message in queued:
        audit.record(
            "message.sent_again",
            actor=actor,
            person=message.pin.person if message.pin else None,
            address=address,
            details={"message": str(message.pk), "template": message.template, "to": masked_destination(message)},
        )
    return len(queued)


def masked_destination(message: Message) -> str:
    return (mask_mobile if message.channel == Channel.SMS else mask_email)(message.destination)
