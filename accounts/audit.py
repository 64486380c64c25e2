"""Writes the audit trail: one append-only event per act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, AuditEvent
from registry.models import Person

HELPDESK_VIEWED = "helpdesk.viewed"
# What each act is called, wherever somebody reads the trail.
ACTS: dict[str, Promise] = {
    "account.opened": _("Account activated"),
    "account.signin": _("Sign-in"),
    "account.signout": _("Sign-out"),
    "account.blocked": _("Account blocked"),
    "account.unblocked": _("Account unblocked"),
    "account.ending": _("Last record ended: the account will be closed"),
    "account.closed": _("Account closed, its last record having ended"),
    "account.returned": _("Record there again: the account stays open"),
    "account.activated": _("Account made active"),
    "account.deactivated": _("Account made inactive"),
    "rights.changed": _("Roles or departments changed"),
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
    "correction.asked": _("Correction of the record asked for"),
    "correction.withdrawn": _("Request for a correction taken back"),
    "correction.accepted": _("Request for a correction accepted"),
    "correction.declined": _("Request for a correction declined"),
    "correction.unmasked": _("Office looked at the masked value of a request"),
    "insurance.confirmed": _("AMKA that the person typed confirmed"),
    "insurance.replaced": _("AMKA that the person typed replaced"),
    "insurance.asked_again": _("AMKA registry asked again"),
    "insurance.unmasked": _("Office looked at a masked AMKA"),
    "message.sent_again": _("Failed message sent again"),
    "directory.retried": _("Directory entry tried again"),
    "records.exported": _("Records exported"),
    "person.exported": _("Everything about a person exported"),
    "person.erased": _("Person forgotten"),
    "helpdesk.searched": _("Helpdesk searched"),
    HELPDESK_VIEWED: _("Helpdesk opened the page of a person"),
    "helpdesk.unmasked": _("Helpdesk looked at a masked value"),
    "helpdesk.caller_code_sent": _("Helpdesk sent a code to verify a caller"),
    "helpdesk.caller_checked": _("Helpdesk verified a caller"),
    "helpdesk.reset_code_sent": _("Helpdesk sent a reset code"),
    "helpdesk.reset_code_printed": _("Helpdesk printed a reset code"),
    "letter.issued": _("Activation letter issued"),
    "letter.revoked": _("Activation letter made invalid"),
    "letter.used": _("Activation letter used"),
    "record.corrected": _("Record corrected"),
    "record.released": _("Corrected field released to its source"),
    "record.revealed": _("Insurance number looked at"),
}
# Why a sign-in was refused, as `account.signin` notes it in its details.
REFUSALS: dict[str, Promise] = {
    "password": _("wrong password"),
    "blocked": _("the account is blocked"),
    "inactive": _("the account is not active"),
    "closed": _("the account is closed"),
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


def record_all(act: str, accounts: Sequence[Account]) -> None:
    """Keep that the same happened to many accounts, and that nobody did it: one statement."""
    done = AuditEvent.Outcome.DONE
    AuditEvent.objects.bulk_create(
        [AuditEvent(act=act, outcome=done, account=account, person_id=account.person_id) for account in accounts]
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
