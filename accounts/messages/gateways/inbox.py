"""Puts messages into the demo's phone and mailbox; decoys too, which take as long and are not shown."""

from accounts.messages.compose import Text
from accounts.models import InboxMessage, Message


def send(message: Message, text: Text) -> str:
    InboxMessage.objects.create(
        channel=message.channel,
        to=message.destination,
        subject=text.subject,
        text=text.body,
        html=text.html,
        decoy=message.decoy,
    )
    return ""
