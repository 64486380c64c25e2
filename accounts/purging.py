"""Forgets what has served its purpose: messages, PINs, notices, ended sessions, and in the end audit trail and log."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import notices
from accounts.models import AuditEvent, ContactChange, InboxMessage, Message, Notice, Pin


def purge() -> dict[str, int]:
    """Delete what is older than `settings.KEEP_…_DAYS`; returns how much of what went."""
    now = timezone.now()
    before = now - timedelta(days=settings.KEEP_MESSAGES_DAYS)
    # Notices with the contacts that they could have put back, once they no longer can.
    told = before - notices.LIFETIME
    audited = now - timedelta(days=settings.KEEP_AUDIT_DAYS)
    old = {
        "messages": Message.objects.filter(created_at__lt=before),
        "messages in the inbox": InboxMessage.objects.filter(sent_at__lt=before),
        "PINs": Pin.objects.filter(created_at__lt=before),
        "notices": Notice.objects.filter(created_at__lt=told),
        "changes of contacts": ContactChange.objects.filter(created_at__lt=told),
        "audit events": AuditEvent.objects.filter(at__lt=audited),
        # The administration's own log, which names whom it was about.
        "log entries": LogEntry.objects.filter(action_time__lt=audited),
    }
    gone = {what: rows.delete()[0] for what, rows in old.items()}
    SessionStore.clear_expired()
    return gone
