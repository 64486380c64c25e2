"""What became of an account's rights, as the audit trail has kept it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import audit, rights, roles
from accounts.models import Account, AuditEvent
from registry.models import Department

SHOWN = 200
LABELS: dict[str, Promise] = {
    "roles": _("Roles"),
    "departments": _("Departments"),
    "administration": _("May enter the administration"),
}


@dataclass(frozen=True)
class Change:
    label: str | Promise
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One act, by whom and why; `changes` is empty where the act says all."""

    at: datetime
    by: str
    act: str
    reason: str
    changes: list[Change]


def entries_of(account: Account) -> list[Entry]:
    """The latest ones, newest first."""
    events = AuditEvent.objects.filter(account=account, act__in=rights.ACTS).select_related("actor")[:SHOWN]
    departments = {department.code: str(department) for department in Department.objects.all()}
    return [
        Entry(
            at=event.at,
            by=event.actor.username if event.actor else "",
            act=audit.name_of(event.act),
            reason=event.reason,
            changes=list(_changes(event, departments)),
        )
        for event in events
    ]


def _changes(event: AuditEvent, departments: dict[str, str]) -> Iterator[Change]:
    for name, label in LABELS.items():
        if name in event.details:
            old, new = (_shown(name, event.details[name][side], departments) for side in ("from", "to"))
            yield Change(label, old, new)


def _shown(name: str, value: Any, departments: dict[str, str]) -> str:
    if name == "administration":
        return gettext("yes") if value else gettext("no")
    if name == "roles":
        return ", ".join(str(roles.title_of(role)) for role in value) or "–"
    return ", ".join(departments.get(code, code) for code in value) or "–"
