"""The plan as rows that can be looked at later, and what an undo needs to know."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from django.core import serializers
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from registry import insurance
from registry.importing.merging import FIELDS, Merged, text_of
from registry.importing.report import Finding
from registry.importing.staging import Record, Staging
from registry.importing.statements import execute
from registry.models import Affiliation, Correction, ImportItem, ImportRun, Person, PersonQuerySet, Source

BATCH = 1_000
# They follow from other fields, which are shown.
FOLLOWING = frozenset({"mobile", "email"})
INSERT = (
    'INSERT INTO registry_importitem (run_id, kind, line, system_id, registration_number, "column", reason, details) '
)
# Which record `a` an item `i` is about; takes the source.
OF_RECORD = "a.source = %s AND a.system_id = i.system_id AND a.registration_number = i.registration_number"


class FieldChange(NamedTuple):
    """A field of a record by name and label, its value before and after; insurance numbers masked, nothing as ""."""

    field: str
    label: str
    before: str
    after: str


def changes_of(item: ImportItem) -> list[FieldChange]:
    """Field by field, from → to.

    Of a correction that is kept, what the source says → what is kept; of one that ends, the other way round.
    """
    return [
        FieldChange(name, str(FIELDS[name].verbose_name), _shown(name, before), _shown(name, after))
        for name, (before, after) in details_of(item).get("fields", {}).items()
        if name not in FOLLOWING
    ]


def details_of(item: ImportItem) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(item.details) if item.details else {}
    return details


def changed(run: int, record: Record, held: Affiliation, merged: Merged, fields: list[str]) -> ImportItem:
    """The line for a record in which `fields` change; keeps what an undo puts back, the source's digest too."""
    values = {
        name: [text_of(getattr(held, name)), text_of(merged.values.get(name))] for name in fields if name in FIELDS
    }
    if "department" in fields:
        values["department"] = [held.department.code if held.department else "", record.department]
    details = {"fields": values, "digest": held.source_digest}
    return _item(ImportItem.Kind.CHANGED, run, held, line=record.line, details=details)


def kept(run: int, correction: Correction) -> ImportItem:
    details = {"fields": {correction.field: [correction.source_value, correction.value]}}
    return _item(ImportItem.Kind.KEPT, run, correction.affiliation, column=correction.field, details=details)


def released(run: int, record: Record, held: Affiliation, merged: Merged) -> list[ImportItem]:
    """The lines for corrections that end because the source says something else: what it says ← what was kept."""
    return [
        _item(
            ImportItem.Kind.RELEASED, run, held, line=record.line, column=correction.field,
            details={
                "fields": {correction.field: [correction.value, text_of(record.said.get(correction.field))]},
                "digest": held.source_digest,
                "correction": json.loads(serializers.serialize("json", [correction])),
            },
        )
        for correction in merged.released
    ]  # fmt: skip


def joined(run: int, record: Affiliation, before: int, after: int) -> ImportItem:
    """The line for a record that goes from one person to another."""
    return _item(ImportItem.Kind.JOINED, run, record, details={"persons": [before, after]})


def finding(run: int, kind: ImportItem.Kind, found: Finding) -> ImportItem:
    return ImportItem(run_id=run, kind=kind, line=found.line, column=found.column[:32], reason=found.reason[:255])


def save(items: Iterable[ImportItem]) -> None:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        ImportItem.objects.bulk_create(batch)


def save_added(staging: Staging) -> None:
    execute(
        f"{INSERT} SELECT %s, 'added', line, system_id, registration_number, '', '', '' FROM {staging.staged} "
        "WHERE fresh",
        staging.run,
    )


def save_vanished(staging: Staging, source: Source) -> int:
    """Note the current records that were not seen; returns how many."""
    return execute(
        f"{INSERT} SELECT %s, 'vanished', 0, a.system_id, a.registration_number, '', '', '' "
        "FROM registry_affiliation a WHERE a.source = %s AND a.vanished_at IS NULL AND NOT EXISTS ("
        f"SELECT 1 FROM {staging.seen} s "
        "WHERE s.system_id = a.system_id AND s.registration_number = a.registration_number)",
        staging.run,
        source,
    )


def persons_of(run: ImportRun, *kinds: ImportItem.Kind) -> PersonQuerySet:
    """The persons whose records these lines are about."""
    records = f"SELECT a.person_id FROM registry_affiliation a JOIN registry_importitem i ON {OF_RECORD}"
    wanted = f"{records} WHERE i.run_id = %s AND i.kind IN ({', '.join(['%s'] * len(kinds))})"
    return Person.objects.filter(pk__in=RawSQL(wanted, [run.source, run.pk, *kinds]))


def _item(
    kind: ImportItem.Kind, run: int, record: Affiliation, *, details: dict[str, Any], line: int = 0, column: str = ""
) -> ImportItem:
    return ImportItem(
        run_id=run,
        kind=kind,
        line=line,
        system_id=record.system_id,
        registration_number=record.registration_number,
        column=column,
        details=json.dumps(details, ensure_ascii=False),
    )


def _shown(name: str, text: str) -> str:
    """As people read it: labels instead of codes, nothing of an insurance number but its end."""
    if name == "insurance_number":
        return insurance.mask(text)
    if name == "resident_abroad":
        return str(_("yes") if text == "True" else _("no"))
    choices = {str(value): str(label) for value, label in FIELDS[name].flatchoices}
    return choices.get(text, text)
