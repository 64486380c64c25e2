"""Forgets what has served its purpose: messages and their PINs, ended sessions, and in the end the audit trail."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import AuditEvent, InboxMessage, Message, Pin


def purge() -> int:
    """Delete what is older than `settings.KEEP_…_DAYS`; returns how many messages, PINs and audit events went."""
    before = timezone.now() - timedelta(days=settings.KEEP_MESSAGES_DAYS)
    messages, _details = Message.objects.filter(created_at__lt=before).delete()
    inbox, _details = InboxMessage.objects.filter(sent_at__lt=before).delete()
    pins, _details = Pin.objects.filter(created_at__lt=before).delete()
    audited = timezone.now() - timedelta(days=settings.KEEP_AUDIT_DAYS)
    events, _details = AuditEvent.objects.filter(at__lt=audited).delete()
    SessionStore.clear_expired()
    return messages + inbox + pins + events
