"""What carries a message out of the house. Only these modules talk to providers."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from django.conf import settings

from accounts.messages.compose import Text
from accounts.models import Message
from accounts.models.message import Channel


class GatewayFailed(Exception):
    """The message was not accepted; `code` is one of the reasons that `accounts.messages.send` can explain."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gateway(Protocol):
    """A module of this package."""

    __name__: str

    def send(self, message: Message, text: Text) -> str:
        """Hand the text over; returns the provider's identifier or "". Raises `GatewayFailed`."""


def gateways_for(channel: str) -> Sequence[Gateway]:
    """The gateways of a channel in the operator's order of preference."""
    names = settings.SMS_GATEWAYS if channel == Channel.SMS else [settings.EMAIL_GATEWAY]
    return [import_module(f"accounts.messages.gateways.{name}") for name in names]
