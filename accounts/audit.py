"""Writes the audit trail: one append-only event per act."""

from typing import Any

from accounts.models import Account, AuditEvent
from registry.models import Person


def record(
    act: str,
    *,
    outcome: str = AuditEvent.Outcome.DONE,
    actor: Account | None = None,
    person: Person | None = None,
    account: Account | None = None,
    address: str | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Keep who did what to whom. `act` is `noun.verb`, such as `account.opened`; `details` holds no secret."""
    return AuditEvent.objects.create(
        act=act,
        outcome=outcome,
        actor=actor,
        person=person,
        account=account,
        address=address,
        reason=reason,
        details=details or {},
    )
