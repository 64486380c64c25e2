"""Sends SMS through Twilio, with its official client."""

import logging
from functools import cache

from django.conf import settings
from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from accounts.messages.compose import Text
from accounts.messages.gateways import TIMEOUT, GatewayFailed, NumberRefused
from accounts.messages.receipts import receipt_address
from accounts.models import Message

logger = logging.getLogger(__name__)
# The client's own log line holds the number that is written to.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

# Twilio's error codes (its API error dictionary) in which the number itself is at fault: no valid number, not
# reachable from this sender, recipient has opted out, not a mobile.
NUMBER_ERRORS = frozenset({21211, 21217, 21408, 21610, 21612, 21614})


@cache
def _client() -> Client:
    client = Client(settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN, http_client=TwilioHttpClient(timeout=sum(TIMEOUT)))
    if settings.TWILIO_URL:
        client.api.base_url = settings.TWILIO_URL
    return client


def send(message: Message, text: Text) -> str:
    try:
        created = _client().messages.create(
            to=message.destination,
            from_=settings.TWILIO_FROM,
            body=text.body,
            status_callback=receipt_address("twilio", message),
        )
    except TwilioRestException as error:
        logger.warning("Twilio answered %s, error %s", error.status, error.code)
        if error.code in NUMBER_ERRORS:
            raise NumberRefused from None
        raise GatewayFailed from None
    except (TwilioException, RequestException, ValueError) as error:
        # `ValueError`: an answer that is no JSON.
        logger.warning("Twilio failed: %s", error.__class__.__name__)
        raise GatewayFailed from None
    return created.sid or ""
