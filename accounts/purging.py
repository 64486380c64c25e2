"""Forgets what has served its purpose: messages, PINs, notices, ended sessions, and in the end the audit trail."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import notices
from accounts.models import AuditEvent, ContactChange, InboxMessage, Message, Notice, Pin


def purge() -> int:
    """Delete what is older than `settings.KEEP_…_DAYS`; returns how many messages, PINs, notices and events went."""
    before = timezone.now() - timedelta(days=settings.KEEP_MESSAGES_DAYS)
    messages, _details = Message.objects.filter(created_at__lt=before).delete()
    inbox, _details = InboxMessage.objects.filter(sent_at__lt=before).delete()
    pins, _details = Pin.objects.filter(created_at__lt=before).delete()
    # With the contacts that a notice could have put back, once it no longer can.
    told = before - notices.LIFETIME
    notes, _details = Notice.objects.filter(created_at__lt=told).delete()
    changes, _details = ContactChange.objects.filter(created_at__lt=told).delete()
    audited = timezone.now() - timedelta(days=settings.KEEP_AUDIT_DAYS)
    events, _details = AuditEvent.objects.filter(at__lt=audited).delete()
    SessionStore.clear_expired()
    return messages + inbox + pins + notes + changes + events
