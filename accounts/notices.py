"""Tells people what happened to their account, with a way out for those who did not do it."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.messages.send import Destination, queue
from accounts.models import Account, ContactChange, Notice
from accounts.models.message import Channel

# As long as a change of contact can be undone.
LIFETIME = timedelta(hours=72)


class NoticeSpent(Exception):
    message = _("This link has been used, was overtaken by another one, or is older than three days.")


@transaction.atomic
def tell(
    account: Account,
    *,
    subject: str,
    destinations: Sequence[Destination] | None = None,
    change: ContactChange | None = None,
) -> None:
    """Send the notice `subject` to the account's contacts, or to `destinations` (with the contact that was replaced).

    `subject` is one of `Notice.Subject`.
    """
    destinations = contacts_of(account) if destinations is None else destinations
    if not destinations:
        return
    token = secrets.token_urlsafe(12)
    with override(account.language):
        event = str(Notice.Subject(subject).label)
    now = timezone.now()
    Notice.objects.create(
        account=account,
        subject=subject,
        token_digest=_digest(token),
        contact_change=change,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    queue(
        destinations,
        template="notice",
        language=account.language,
        secret=token,
        context={"event": event, "username": account.username},
    )


def contacts_of(account: Account) -> list[Destination]:
    contacts = ((Channel.SMS, str(account.recovery_mobile or "")), (Channel.EMAIL, account.recovery_email))
    return [Destination(channel, address) for channel, address in contacts if address]


def find_notice(token: str) -> Notice:
    """The notice of a link, as long as it holds. Raises `NoticeSpent`; a GET changes nothing."""
    alive = Notice.objects.filter(token_digest=_digest(token), used_at=None, expires_at__gt=timezone.now())
    notice = alive.select_related("account", "contact_change").first()
    if notice is None:
        raise NoticeSpent
    return notice


def _digest(token: str) -> str:
    return salted_hmac("accounts.notices", token, algorithm="sha256").hexdigest()
