"""The life of a message: queued, being sent, sent or failed.

A message is a row. Whoever sends it claims the row in one statement, for the time of a lease; a row whose lease ran
out, because its sender was killed, is taken up again by the sweeper. So a message may go out twice when the sender
died between the provider's acceptance and our note of it, and is never lost within the life of its PIN.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.messages import broker, guard, health
from accounts.messages.compose import Text, compose
from accounts.messages.gateways import (
    Gateway,
    GatewayFailed,
    NotServed,
    NumberRefused,
    gateways_for,
    inbox,
    is_instant,
)
from accounts.models import Message, Pin

logger = logging.getLogger(__name__)

State = Message.State
# Seconds until the next try; after the last one the message has failed.
BACKOFF = (3, 10, 30, 90)
SWEPT_AT_ONCE = 500
# Claims the row and reads it in one statement, which Django's own language can't say.
CLAIM = """
    UPDATE accounts_message SET state = 'sending', due_at = %s, tries = tries + 1
    WHERE id = %s AND state IN ('queued', 'sending') AND due_at <= %s RETURNING *
"""

# Why a message failed and what the person can do, by the code in the row.
REASONS: dict[str, str | Promise] = {
    "refused": _("The network or mail server does not know this address or number. Check it, or use the other way."),
    "undelivered": _("The network cannot reach this number at the moment. Use your e-mail, or ask for a new PIN."),
    "unavailable": _("The message could not be sent. Ask for a new PIN, or use the other way."),
    "no_gateway": _("Messages of this kind can't be sent at the moment. Use the other way."),
    "obsolete": _("The message was not sent in time. Ask for a new PIN."),
    "country": _("SMS are not sent to numbers of this country. Use your e-mail."),
    "budget": _("Too many SMS were sent within the hour. Use your e-mail, or try again later."),
}
# Said of the destination before anybody looks whether there is somebody to send to.
REFUSED_AT_ONCE = ("country", "budget")


class Destination(NamedTuple):
    channel: str
    address: str


def queue(
    destinations: Sequence[Destination],
    *,
    template: str,
    language: str,
    pin: Pin | None = None,
    secret: str = "",
    context: dict[str, Any] | None = None,
    decoy: bool = False,
) -> list[Message]:
    """Keep a message for each destination and have it sent once the transaction is committed.

    A `decoy` goes the same way and leaves the house by no gateway.
    """
    messages = [
        Message(
            template=template,
            language=language,
            channel=destination.channel,
            destination=destination.address,
            context=context or {},
            pin=pin,
            secret=secret,
            decoy=decoy,
        )
        for destination in destinations
    ]
    return keep(messages)


def keep(messages: list[Message]) -> list[Message]:
    """Keep the messages, however many, and have them sent once the transaction is committed."""
    for message in messages:
        message.error = guard.refusal(message.channel, message.destination)
        if message.error:
            message.state, message.secret = State.FAILED, ""
    Message.objects.bulk_create(messages)
    waiting = [message.pk for message in messages if message.state == State.QUEUED]
    transaction.on_commit(partial(dispatch, waiting))
    return messages


def dispatch(keys: Sequence[UUID]) -> None:
    """Have the messages sent: by a worker, or by this process when there is no broker."""
    for key in keys:
        if broker.publish("accounts.send_message", key):
            continue
        if not broker.is_configured() and is_instant():
            deliver(key)
        else:
            broker.run_here(deliver, key)


def deliver(key: UUID) -> None:
    """Send one message, unless somebody else does or did."""
    message = _claim(key)
    if message is None:
        return
    lease = message.due_at
    if message.pin is not None and not message.pin.is_open:
        _failed(message, lease, "obsolete", secret="")
        return
    try:
        _hand_over(message)
    except (NumberRefused, NotServed) as refusal:
        _failed(message, lease, refusal.code)
    except GatewayFailed as failure:
        if message.tries <= len(BACKOFF):
            _try_again(message, lease, failure.code)
        else:
            _failed(message, lease, failure.code)
    else:
        _sent(message)


def can_be_sent_again(message: Message) -> bool:
    """Whether it has failed, and what it carries still counts."""
    if message.state != State.FAILED or (message.pin is not None and not message.pin.is_open):
        return False
    return bool(message.secret) or (message.pin is None and message.template != "notice")


def send_again(message: Message) -> bool:
    """Queue a failed message anew; False when it can't be: its PIN is dead, or it has not failed."""
    if not can_be_sent_again(message):
        return False
    failed = Message.objects.filter(pk=message.pk, state=State.FAILED)
    queued = failed.update(state=State.QUEUED, due_at=timezone.now(), tries=0, error="")
    if queued:
        transaction.on_commit(partial(dispatch, [message.pk]))
    return bool(queued)


def wipe_dead_pins() -> None:
    """Forget, in the messages that could not be sent, the PINs that no longer open anything."""
    Message.objects.filter(pin__expires_at__lte=timezone.now()).exclude(secret="").update(secret="")


def sweep() -> int:
    """Send what is due and that nobody sends: returns how many were taken up.

    What has just become due is on its way through the queue: a second task for it would only lengthen that.
    """
    wipe_dead_pins()
    overdue = timezone.now() - timedelta(seconds=settings.MESSAGE_SWEEP)
    due = Message.objects.filter(state__in=(State.QUEUED, State.SENDING), due_at__lte=overdue)
    keys = list(due.order_by("due_at").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for key in keys:
        if not broker.publish("accounts.send_message", key):
            deliver(key)
    return len(keys)


def _claim(key: UUID) -> Message | None:
    """Take the message up until its `due_at`; None when somebody else has it, or has sent it."""
    meta = Message._meta  # noqa: SLF001 - public and documented despite its name
    now = timezone.now()
    lease = now + timedelta(seconds=settings.MESSAGE_LEASE)
    given = (("due_at", lease), ("id", key), ("due_at", now))
    values = [
        cast("Field[Any, Any]", meta.get_field(name)).get_db_prep_value(value, connection) for name, value in given
    ]
    return next(iter(Message.objects.raw(CLAIM, values)), None)


def _hand_over(message: Message) -> None:
    """Try the gateways in order. Raises the last one's `GatewayFailed`, or at once a `NumberRefused`.

    `NotServed` when none of them has a way to this destination.
    """
    text = compose(message)
    if message.decoy:
        _pretend(message, text)
        return
    failure: GatewayFailed = NotServed()
    for name, gateway in health.in_order(gateways_for(message.channel)):
        try:
            message.provider_id = _ask(gateway, message, text)
        except NotServed:
            continue
        except NumberRefused:
            message.gateway = name
            health.answered(name)
            raise
        except GatewayFailed as error:
            message.gateway = name
            health.failed(name, error.code)
            failure = error
        else:
            message.gateway = name
            health.answered(name)
            return
    raise failure


def _pretend(message: Message, text: Text) -> None:
    """Do with a decoy what is done with others in the request where there is no queue: write it into the inbox."""
    name = health.in_order(gateways_for(message.channel))[0][0]
    message.gateway = name
    if name == "inbox":
        inbox.send(message, text)
    health.answered(name)


def _ask(gateway: Gateway, message: Message, text: Text) -> str:
    try:
        return gateway.send(message, text)
    except GatewayFailed:
        raise
    except Exception as error:  # noqa: BLE001 - one gateway's bug is the next one's turn
        # Not the exception itself: its text may hold the message's.
        logger.error("Message %s: %s in %s", message.pk, error.__class__.__name__, gateway)  # noqa: TRY400
        raise GatewayFailed from None


def _sent(message: Message) -> None:
    """Note the acceptance. A receipt may have been quicker: what it said of the message stands."""
    row = Message.objects.filter(pk=message.pk)
    known = {
        "gateway": message.gateway, "provider_id": message.provider_id, "sent_at": timezone.now(), "secret": "",
    }  # fmt: skip
    if not row.filter(state__in=(State.QUEUED, State.SENDING)).update(state=State.SENT, error="", **known):
        row.update(**known)


def _failed(message: Message, lease: datetime, code: str, **facts: str) -> None:
    """Note the failure. The PIN stays, encrypted, so that an operator may have it sent again while it lives."""
    _still_ours(message, lease).update(state=State.FAILED, gateway=message.gateway, error=code, **facts)
    logger.warning("Message %s failed: %s", message.pk, code)


def _try_again(message: Message, lease: datetime, code: str) -> None:
    wait = BACKOFF[message.tries - 1]
    due_at = timezone.now() + timedelta(seconds=wait)
    again = _still_ours(message, lease).update(state=State.QUEUED, gateway=message.gateway, due_at=due_at, error=code)
    if again and not broker.publish("accounts.send_message", message.pk, countdown=wait):
        broker.run_here(deliver, message.pk, countdown=wait)


def _still_ours(message: Message, lease: datetime) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=State.SENDING, due_at=lease)
