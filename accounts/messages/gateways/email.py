"""Sends e-mail through the operator's SMTP server."""

import logging
import smtplib

from django.core.mail import EmailMultiAlternatives

from accounts.messages.compose import Text
from accounts.messages.gateways import GatewayFailed, NumberRefused
from accounts.models import Message

logger = logging.getLogger(__name__)


def send(message: Message, text: Text) -> str:
    mail = EmailMultiAlternatives(
        text.subject, text.body, to=[message.destination], headers={"Auto-Submitted": "auto-generated"}
    )
    mail.attach_alternative(text.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise NumberRefused from None
        raise GatewayFailed from None
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("The mail server failed: %s", error.__class__.__name__)
        raise GatewayFailed from None
    return ""
