"""The accounts in the administration, a file for each office that looks at them."""

from accounts.admin.operation import AuditEventAdmin, DirectoryEntryAdmin, GatewayHealthAdmin, MessageAdmin
from accounts.admin.rights import AccountAdmin

__all__ = ["AccountAdmin", "AuditEventAdmin", "DirectoryEntryAdmin", "GatewayHealthAdmin", "MessageAdmin"]
