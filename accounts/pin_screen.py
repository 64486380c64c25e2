"""What a page on which a PIN is typed shows beside the field, whatever the PIN is for."""

from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import pins
from accounts.messages.send import REASONS, REFUSED_AT_ONCE
from accounts.models import Message, Pin
from accounts.models.message import Channel
from registry.contacts import mask_email, mask_mobile

Text = str | Promise


@dataclass(frozen=True)
class Delivery:
    """What became of one message."""

    channel: str
    destination: str
    state: str
    state_text: Text
    advice: Text


class PinScreen:
    """The PIN that counts, what became of its messages, when the next one may be asked for.

    Read when the page is rendered, and so after a wrong try was counted. A `discreet` page tells nothing that
    would differ if the PIN were a decoy.
    """

    def __init__(self, *, purpose: str, binding: str, discreet: bool = False) -> None:
        self._purpose = purpose
        self._binding = binding
        self.discreet = discreet

    @cached_property
    def pin(self) -> Pin | None:
        return pins.latest(purpose=self._purpose, binding=self._binding)

    @property
    def is_open(self) -> bool:
        return self.pin is not None and self.pin.is_open

    @property
    def closed_message(self) -> Text:
        """What has become of a PIN that is not open."""
        return pins.closed(self.pin).message if self.pin else ""

    @property
    def seconds_left(self) -> int:
        return max(0, round((self.pin.expires_at - timezone.now()).total_seconds())) if self.pin else 0

    @property
    def deliveries(self) -> list[Delivery]:
        tell = _discreetly if self.discreet else _delivery
        return [tell(message) for message in self.pin.messages.all()] if self.pin else []

    @property
    def is_lost(self) -> bool:
        """Whether no message with this PIN reached anybody: then it is no use to say that it is valid."""
        return bool(self.deliveries) and all(one.state == Message.State.FAILED for one in self.deliveries)

    @property
    def is_settled(self) -> bool:
        """Whether no more news of the messages is to come: nobody reports the delivery of an e-mail."""
        final = (Message.State.DELIVERED, Message.State.FAILED)
        return self.discreet or all(
            delivery.state in final or (delivery.state == Message.State.SENT and delivery.channel == Channel.EMAIL)
            for delivery in self.deliveries
        )

    @cached_property
    def renewal(self) -> pins.Renewal | None:
        return pins.renewal(self.pin, discreet=self.discreet) if self.pin else None


def _delivery(message: Message) -> Delivery:
    is_retried = message.state == Message.State.QUEUED and message.tries > 0
    return Delivery(
        channel=message.channel,
        destination=_masked(message),
        state=message.state,
        state_text=_("not accepted yet; we keep trying") if is_retried else Message.State(message.state).label,
        advice=REASONS.get(message.error, "") if message.state == Message.State.FAILED else "",
    )


def _discreetly(message: Message) -> Delivery:
    """Only what was decided from the typed contact alone, before anything was sent or pretended to be."""
    refused = message.error in REFUSED_AT_ONCE
    return Delivery(
        channel=message.channel,
        destination=_masked(message),
        state=Message.State.FAILED if refused else Message.State.SENT,
        state_text=Message.State.FAILED.label if refused else _("handed over"),
        advice=REASONS[message.error] if refused else "",
    )


def _masked(message: Message) -> str:
    mask = mask_mobile if message.channel == Channel.SMS else mask_email
    return mask(message.destination)
