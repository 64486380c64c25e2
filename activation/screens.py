"""What the screens show beside their forms."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import pins
from accounts.messages.send import REASONS
from accounts.models import Message, Pin
from accounts.models.message import Channel
from accounts.opening import personal_fragments
from accounts.passwords import rules
from activation import flow
from activation.models import Activation
from registry import insurance
from registry.contacts import mask_email, mask_mobile
from registry.models import Affiliation, Gender

Text = str | Promise


@dataclass(frozen=True)
class Fact:
    """One line of the data about to be registered."""

    field: str
    label: Text
    value: Text


@dataclass(frozen=True)
class Delivery:
    """What became of one message."""

    channel: str
    destination: str
    state: str
    state_text: Text
    advice: Text


class PinScreen:
    """The PIN page: the PIN that counts, what became of its messages, when the next one may be asked for.

    Read when the page is rendered, and so after a wrong try was counted.
    """

    def __init__(self, activation: Activation) -> None:
        self._activation = activation

    @cached_property
    def pin(self) -> Pin | None:
        return flow.latest_pin(self._activation)

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
        return [_delivery(message) for message in self.pin.messages.all()] if self.pin else []

    @property
    def is_lost(self) -> bool:
        """Whether no message with this PIN reached anybody: then it is no use to say that it is valid."""
        return bool(self.deliveries) and all(one.state == Message.State.FAILED for one in self.deliveries)

    @property
    def is_settled(self) -> bool:
        """Whether no more news of the messages is to come: nobody reports the delivery of an e-mail."""
        final = (Message.State.DELIVERED, Message.State.FAILED)
        return all(
            delivery.state in final or (delivery.state == Message.State.SENT and delivery.channel == Channel.EMAIL)
            for delivery in self.deliveries
        )

    @cached_property
    def renewal(self) -> pins.Renewal | None:
        return pins.renewal(self.pin) if self.pin else None


def _delivery(message: Message) -> Delivery:
    mask = mask_mobile if message.channel == Channel.SMS else mask_email
    is_retried = message.state == Message.State.QUEUED and message.tries > 0
    return Delivery(
        channel=message.channel,
        destination=mask(message.destination),
        state=message.state,
        state_text=_("not accepted yet; we keep trying") if is_retried else Message.State(message.state).label,
        advice=REASONS.get(message.error, "") if message.state == Message.State.FAILED else "",
    )


def facts(activation: Activation) -> list[Fact]:
    """The personal data about to be registered, without what the record does not have."""
    record = activation.record
    number = activation.insurance_number or record.insurance_number
    lines = (
        Fact("username", _("Username"), record.username),
        Fact("last_name", _("Surname"), _both(record.last_name_el, record.last_name_en)),
        Fact("first_name", _("First name"), _both(record.first_name_el, record.first_name_en)),
        Fact("father_name", _("Father's name"), _both(record.father_name_el, record.father_name_en)),
        Fact("birth_date", _("Birth date"), f"{record.birth_date:%d/%m/%Y}" if record.birth_date else ""),
        Fact("gender", _("Gender"), Gender(record.gender).label),
        Fact("insurance", _("AMKA or insurance number"), insurance.mask(number)),
        Fact("department", _("Department"), record.department.name if record.department else ""),
        Fact("registration_number", _("Registration number"), record.registration_number),
        Fact("mobile", _("Mobile phone"), activation.mobile),
        Fact("email", _("E-mail"), activation.email),
    )
    return [line for line in lines if line.value]


def _both(greek: str, latin: str) -> str:
    return f"{greek} ({latin})" if greek and latin else greek or latin


def password(record: Affiliation) -> dict[str, Any]:
    return {
        "username": record.username,
        "rules": [{"code": rule.code, "text": rule.get_help_text()} for rule in rules()]
        + [{"code": "same", "text": _("The same in both fields")}],
        "rule_settings": {
            "least": settings.PASSWORD_MIN_LENGTH,
            # The insurance number is checked on the server only: a page need not hold it.
            "fragments": [word for word in personal_fragments(record) if word != record.insurance_number],
        },
    }
