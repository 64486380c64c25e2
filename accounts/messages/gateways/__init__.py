"""What carries a message out of the house. Only these modules talk to providers.

Each is a module with `send(message, text) -> str`, which hands the text over within `TIMEOUT` and returns the
provider's identifier, or "" when it gives none. It raises `NumberRefused` when the destination is at fault,
`NotServed` when the destination is none of the provider's, and `GatewayFailed` when anything else is wrong.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from threading import local
from typing import Protocol

import requests
from django.conf import settings
from requests.utils import get_environ_proxies

from accounts.messages.compose import Text
from accounts.models import Message
from accounts.models.message import Channel

# Seconds to connect, and seconds to wait for an answer.
TIMEOUT = (3.0, 10.0)

_lines = local()


class GatewayFailed(Exception):
    """The message was not accepted; `code` is one of the reasons that `accounts.messages.send` explains."""

    def __init__(self, code: str = "unavailable") -> None:
        super().__init__(code)
        self.code = code


class NumberRefused(GatewayFailed):
    """The provider will not deliver to this destination: no other gateway need be asked."""

    def __init__(self) -> None:
        super().__init__("refused")


class NotServed(GatewayFailed):
    """The provider has no way to this destination and was not asked: a matter for the next gateway."""

    def __init__(self) -> None:
        super().__init__("no_gateway")


class Gateway(Protocol):
    def send(self, message: Message, text: Text) -> str: ...


def gateways_for(channel: str) -> Sequence[tuple[str, Gateway]]:
    """Name and module of a channel's gateways, in the operator's order of preference."""
    names = settings.SMS_GATEWAYS if channel == Channel.SMS else [settings.EMAIL_GATEWAY]
    return [(name, import_module(f"accounts.messages.gateways.{name}")) for name in names]


def is_instant() -> bool:
    """Whether messages go no further than the demo's inbox: nobody has to wait for that."""
    return {*settings.SMS_GATEWAYS, settings.EMAIL_GATEWAY} == {"inbox"}


def lines(address: str) -> requests.Session:
    """Open lines to a provider, kept by each thread: to open one takes longer than to hand over a message.

    Proxies and certificates of the environment count, read once; a `.netrc` file does not.
    """
    known: dict[str, requests.Session] = _lines.__dict__
    if address not in known:
        session = known[address] = requests.Session()
        session.trust_env = False
        session.proxies = get_environ_proxies(address)
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    return known[address]
