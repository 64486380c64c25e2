"""Message rows as the tests of this folder need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.messages.send import Destination, deliver, queue
from accounts.models import Message, Pin
from registry.models import Person
from tests.factories import PersonFactory

CODE = "048213"
MOBILE, ADDRESS = "+306900000001", "maria@example.org"
FOREIGN = "+35799123456"


def pin_of(person: Person | None, **values: Any) -> Pin:
    now = datetime.now(UTC)
    life = {"created_at": now, "expires_at": now + timedelta(minutes=15)}
    return Pin(purpose="activation", binding="a" * 64, person=person, reference="KM", **(life | values))


def unsaved(channel: str, language: str = "en") -> Message:
    address = MOBILE if channel == "sms" else ADDRESS
    return Message(
        template="activation", language=language, channel=channel, destination=address, secret=CODE, pin=pin_of(None)
    )


def queued(channel: str = "sms", address: str = "", **pin: Any) -> Message:
    """A message that waits in the database."""
    kept = pin_of(PersonFactory.create(), **pin)
    kept.save()
    address = address or (MOBILE if channel == "sms" else ADDRESS)
    (message,) = queue([Destination(channel, address)], template="activation", language="en", pin=kept, secret=CODE)
    return message


def delivered(message: Message) -> Message:
    """The message after one try."""
    deliver(message.pk)
    return Message.objects.get(pk=message.pk)
