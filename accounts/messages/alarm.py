"""Tells the operator what needs a person's eyes: in the log at once, by e-mail at most once an hour for each matter."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import throttle
from accounts.models import Message, Pin
from accounts.models.message import Channel
from registry import readings
from registry.models import Source

logger = logging.getLogger(__name__)

# Of so many PINs by SMS within the window, at least this share is typed in when people send them to themselves.
WINDOW = timedelta(minutes=30)
ENOUGH_PINS = 50
LEAST_TYPED = 0.2


def ring(matter: str, text: str) -> None:
    """Raise an alarm; `text` is English, for the operator, and holds nothing personal.

    The e-mail is a row that the sweeper sends, so that nobody waits for the mail server here.
    """
    try:
        throttle.count("alarm", matter)
    except throttle.TooMany:
        return
    logger.error("ALARM %s: %s", matter, text)
    if settings.OPERATOR_EMAIL:
        Message.objects.create(
            template="alarm",
            language="en",
            channel=Channel.EMAIL,
            destination=settings.OPERATOR_EMAIL,
            context={"matter": matter, "text": text},
        )


def watch_pins() -> None:
    """Ring when many PINs are sent and few are typed in: somebody may be making us pay for SMS."""
    now = timezone.now()
    # The youngest may still be on their way to somebody's fingers.
    sent = Pin.objects.filter(created_at__range=(now - WINDOW, now - timedelta(minutes=5)))
    sent = sent.filter(messages__channel=Channel.SMS, messages__sent_at__isnull=False, messages__decoy=False).distinct()
    total, typed = sent.count(), sent.filter(used_at__isnull=False).count()
    if total >= ENOUGH_PINS and typed < total * LEAST_TYPED:
        ring("pins-unused", f"{total} PINs were sent by SMS in half an hour and only {typed} were typed in.")


def watch_imports() -> None:
    """Ring while the latest reading of a view has failed or waits for somebody: the records are getting old."""
    for source in Source:
        if run := readings.trouble(source):
            text = f"Import {run.pk} of the view of {source} is {run.state}; its page in the administration says why."
            ring(f"import-{source}", text)
