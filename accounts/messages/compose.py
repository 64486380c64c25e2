"""Turns a message row into text, in the person's language.

A template is a family of files under `templates/messages/`: `<name>.sms.txt`, `<name>.subject.txt`,
`<name>.txt` and `<name>.html`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.messages.gsm import gsm_text
from accounts.models import Message
from accounts.models.message import Channel


@dataclass(frozen=True)
class Text:
    """What goes out; an SMS has a body only."""

    body: str
    subject: str = ""
    html: str = ""


def compose(message: Message) -> Text:
    with translation.override(message.language):
        context = _context(message)
        if message.channel == Channel.SMS:
            return Text(gsm_text(_render(message, "sms.txt", context)))
        # Also for the HTML part's title: of a name that it lacks, Django would log the whole context, the PIN included.
        context["subject"] = " ".join(_render(message, "subject.txt", context).split())
        return Text(
            body=_render(message, "txt", context),
            subject=context["subject"],
            html=_render(message, "html", context),
        )


def _context(message: Message) -> dict[str, Any]:
    greek = message.language == "el"
    pin = message.pin
    return {
        **message.context,
        "secret": message.secret,
        "reference": pin.reference if pin else "",
        "expires_at": pin.expires_at if pin else None,
        "created_at": message.created_at,
        "institution_name": settings.INSTITUTION_NAME_EL if greek else settings.INSTITUTION_NAME_EN,
        "helpdesk_email": settings.HELPDESK_EMAIL,
        "public_url": settings.PUBLIC_URL.rstrip("/"),
        # The page's host: phones offer a code only to the page that the message names (WICG "origin-bound codes").
        "host": urlsplit(settings.PUBLIC_URL).hostname,
    }


def _render(message: Message, suffix: str, context: dict[str, Any]) -> str:
    return render_to_string(f"messages/{message.template}.{suffix}", context).strip()
