"""The history of a record: each correction with who, when, from what to what."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import corrections
from registry.admin.wording import label_of, shown
from registry.models import CORRECTABLE, Affiliation

REASONS: dict[str, Promise] = {
    corrections.BEFORE: _("changed by its source"),
    corrections.CORRECTED: _("corrected"),
    corrections.SUPPLIED: _("typed by the person while activating"),
    corrections.RELEASED: _("released to its source"),
}


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """What one act changed; `by` is empty where it was no user."""

    at: datetime
    by: str
    why: str | Promise
    changes: list[Change]


def entries_of(record: Affiliation, *, masked: bool) -> list[Entry]:
    """Newest first. What an import changed between two corrections is said to have changed before the second."""
    rows = list(Affiliation.history.filter(id=record.pk).order_by("history_id"))
    entries = [
        Entry(
            at=new.history_date,
            by=new.history_user_id,
            why=REASONS.get(new.history_change_reason, ""),
            changes=_changes(old, new, masked=masked),
        )
        for old, new in pairwise(rows)
    ]
    return [entry for entry in reversed(entries) if entry.changes]


def _changes(old: Any, new: Any, *, masked: bool) -> list[Change]:
    names = [name for name in CORRECTABLE if getattr(old, name) != getattr(new, name)]
    return [
        Change(
            label_of(name),
            shown(name, getattr(old, name), masked=masked),
            shown(name, getattr(new, name), masked=masked),
        )
        for name in names
    ]
