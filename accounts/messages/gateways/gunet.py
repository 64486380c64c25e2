"""Sends SMS through GUnet's service, whose texts are templates registered there beforehand.

The template that `settings.GUNET_SMS_TEMPLATE` names has one slot, which takes the whole text.
"""

import logging

import requests
from django.conf import settings

from accounts.messages.compose import Text
from accounts.messages.gateways import TIMEOUT, GatewayFailed, NotServed, NumberRefused, lines
from accounts.messages.receipts import receipt_address
from accounts.models import Message

logger = logging.getLogger(__name__)

GREECE = "+30"


def send(message: Message, text: Text) -> str:
    if not message.destination.startswith(GREECE):
        # The service knows national numbers only; another gateway may know this one.
        raise NotServed
    order = {
        "serviceId": settings.GUNET_SMS_SERVICE,
        "messageId": settings.GUNET_SMS_TEMPLATE,
        "replacements": [text.body],
        "recipient": message.destination.removeprefix(GREECE),
        "institution": settings.GUNET_SMS_INSTITUTION,
        "pre-shared key": settings.GUNET_SMS_KEY,
        "dlr-url": receipt_address("gunet", message),
    }
    try:
        response = lines(settings.GUNET_SMS_URL).post(
            settings.GUNET_SMS_URL, json=order, timeout=TIMEOUT, allow_redirects=False
        )
        answer = response.json()
    except (requests.RequestException, ValueError) as error:
        logger.warning("GUnet's SMS service failed: %s", error.__class__.__name__)
        raise GatewayFailed from None
    code = answer.get("errorCode") if isinstance(answer, dict) else None
    if response.ok and code == "":
        return ""
    logger.warning("GUnet's SMS service answered %s, error %s", response.status_code, code)
    if code in settings.GUNET_SMS_NUMBER_ERRORS:
        raise NumberRefused
    raise GatewayFailed
