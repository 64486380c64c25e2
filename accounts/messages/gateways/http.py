"""Sends SMS through any provider with an HTTP interface, as the settings describe it."""

import json
import logging
import re
from collections.abc import Callable
from urllib.parse import quote

import requests
from django.conf import settings

from accounts.messages.compose import Text
from accounts.messages.gateways import TIMEOUT, GatewayFailed, NumberRefused, lines
from accounts.models import Message

logger = logging.getLogger(__name__)


def send(message: Message, text: Text) -> str:
    """Success is a status below 300 and an answer in which `HTTP_SMS_SUCCESS` is found.

    In address and body, `{to}` is the number as `+3069…`, `{digits}` the same without the plus, `{text}` the text.

    `HTTP_SMS_REFUSED`, where set, is an expression by which the provider's answer blames the number.
    """
    number = message.destination
    values = {"to": number, "digits": number.removeprefix("+"), "text": text.body}
    try:
        response = lines(settings.HTTP_SMS_URL).request(
            settings.HTTP_SMS_METHOD,
            _fill(settings.HTTP_SMS_URL, values, _in_address),
            headers=settings.HTTP_SMS_HEADERS,
            data=_fill(settings.HTTP_SMS_BODY, values, _in_body()).encode(),
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        logger.warning("The HTTP gateway failed: %s", error.__class__.__name__)
        raise GatewayFailed from None
    if response.status_code < 300 and re.search(settings.HTTP_SMS_SUCCESS, response.text):
        return ""
    logger.warning("The HTTP gateway answered %s", response.status_code)
    if settings.HTTP_SMS_REFUSED and re.search(settings.HTTP_SMS_REFUSED, response.text):
        raise NumberRefused
    raise GatewayFailed


def _fill(template: str, values: dict[str, str], escape: Callable[[str], str]) -> str:
    """Put the values into `{to}`, `{digits}` and `{text}`; other braces, as JSON has them, stay."""
    return re.sub(r"\{(to|digits|text)\}", lambda slot: escape(values[slot[1]]), template)


def _in_body() -> Callable[[str], str]:
    """How a value is written in a body of the type that the headers declare."""
    kind = next((value for name, value in settings.HTTP_SMS_HEADERS.items() if name.lower() == "content-type"), "")
    if "json" in kind:
        return lambda value: json.dumps(value)[1:-1]
    return _in_address if "form" in kind else str


def _in_address(value: str) -> str:
    return quote(value, safe="")
