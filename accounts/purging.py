"""Forgets what has served its purpose: messages and their PINs after days, sessions when they have ended."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import InboxMessage, Message, Pin


def purge() -> int:
    """Delete what is older than `settings.KEEP_MESSAGES_DAYS`; returns how many messages and PINs went."""
    before = timezone.now() - timedelta(days=settings.KEEP_MESSAGES_DAYS)
    messages, _details = Message.objects.filter(created_at__lt=before).delete()
    inbox, _details = InboxMessage.objects.filter(sent_at__lt=before).delete()
    pins, _details = Pin.objects.filter(created_at__lt=before).delete()
    SessionStore.clear_expired()
    return messages + inbox + pins
