"""Writes the audit trail: one append-only event per act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, AuditEvent
from registry.models import Person

# What each act is called, wherever somebody reads the trail.
ACTS: dict[str, Promise] = {
    "account.opened": _("Account activated"),
    "account.signin": _("Sign-in"),
    "account.signout": _("Sign-out"),
    "account.blocked": _("Account blocked"),
    "account.unblocked": _("Account unblocked"),
    "sessions.ended": _("Signed out everywhere"),
    "password.changed": _("Password changed"),
    "password.confirmed": _("Password asked for again"),
    "password.recovered": _("Forgotten password replaced"),
    "contact.added": _("Contact for recovery added"),
    "contact.changed": _("Contact for recovery changed"),
    "contact.removed": _("Contact for recovery removed"),
    "contact.restored": _("Old contact for recovery put back"),
    "second_factor.checked": _("Code of the second factor"),
    "second_factor.enrolled": _("Second factor set up"),
    "second_factor.removed": _("Second factor removed"),
    "recovery_codes.renewed": _("Recovery codes made"),
    "recovery_code.used": _("Recovery code used"),
    "helpdesk.searched": _("Helpdesk searched"),
    "helpdesk.unmasked": _("Helpdesk looked at a masked value"),
    "helpdesk.caller_code_sent": _("Helpdesk sent a code to verify a caller"),
    "helpdesk.caller_checked": _("Helpdesk verified a caller"),
    "helpdesk.reset_code_sent": _("Helpdesk sent a reset code"),
    "helpdesk.reset_code_printed": _("Helpdesk printed a reset code"),
}
# Why a sign-in was refused, as `account.signin` notes it in its details.
REFUSALS: dict[str, Promise] = {
    "password": _("wrong password"),
    "blocked": _("the account is blocked"),
    "inactive": _("the account is not active"),
}


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


def name_of(act: str) -> str:
    """The act in words; an act without a name as it is."""
    return str(ACTS.get(act, act))


@dataclass(frozen=True)
class OwnEvent:
    """An event as the person whose account it is about may read it."""

    at: datetime
    text: str
    refused: bool
    why: str
    by_other: bool
    address: str


def own_events(account: Account, *, most: int) -> list[OwnEvent]:
    """The latest events of one's own account, newest first.

    Of what staff did it says that they did; who, from where and for what reason is for the audit.
    """
    return [_as_owner_reads(event) for event in AuditEvent.objects.filter(account=account)[:most]]


def _as_owner_reads(event: AuditEvent) -> OwnEvent:
    by_other = event.actor_id is not None and event.actor_id != event.account_id
    return OwnEvent(
        at=event.at,
        text=name_of(event.act),
        refused=event.outcome == AuditEvent.Outcome.REFUSED,
        why=str(REFUSALS.get(event.details.get("why", ""), "")),
        by_other=by_other,
        address="" if by_other else event.address or "",
    )
