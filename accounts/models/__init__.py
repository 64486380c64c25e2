"""The account and what belongs to it, a file for each noun."""

from accounts.models.account import Account
from accounts.models.audit_event import AuditEvent
from accounts.models.directory_entry import DirectoryEntry
from accounts.models.gateway_health import GatewayHealth
from accounts.models.message import InboxMessage, Message
from accounts.models.notice import ContactChange, Notice
from accounts.models.offered_right import OfferedRight
from accounts.models.pin import Pin

__all__ = [
    "Account",
    "AuditEvent",
    "ContactChange",
    "DirectoryEntry",
    "GatewayHealth",
    "InboxMessage",
    "Message",
    "Notice",
    "OfferedRight",
    "Pin",
]
