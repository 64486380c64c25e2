"""Out of the mirror again what the last import of a source did.

Nothing is deleted. Records that the import added are marked as vanished, with an empty digest: the next import that
has them adds them again. Vanished ones are back. Changed fields are what they were, corrections that the source had
made needless hold again, and records are with the persons they were with; digests are the former ones, so the same
source is planned the same again.

What people did meanwhile stays: a field that is no longer what the import made of it, an added record that has been
corrected, everything of a person who has activated since.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.core import serializers
from django.db.models import Q
from django.utils import timezone

from registry.importing import items, persons
from registry.importing.merging import FIELDS, INSURANCE, derived, text_of, typed
from registry.importing.records import SAID
from registry.importing.staging import IMPORTED
from registry.importing.statements import execute, hurry, moment
from registry.models import Affiliation, Department, ImportItem, ImportRun, Person

BATCH = 500
Kind = ImportItem.Kind
# What an import writes into a record that is there.
WRITTEN = [*IMPORTED, "department", "vanished_at", "updated_at"]


@dataclass
class Undone:
    """How many records are what they were before, and how many stay because of what people did meanwhile."""

    restored: int = 0
    kept: int = 0


def take_back(run: ImportRun) -> Undone:
    """Undo the import; the caller's transaction makes it atomic."""
    hurry()
    items.persons_of(run, Kind.ADDED, Kind.CHANGED, Kind.VANISHED).revise()
    restored = _withdraw(run) + _bring_back(run)
    identities: dict[int, int] = {}
    for batch in _batches(run, Kind.CHANGED):
        records = _restore(run, batch)
        restored += len(records)
        identities |= dict.fromkeys(records, 0)
    for batch in _batches(run, Kind.RELEASED):
        _hold_again(run, batch)
    for batch in _batches(run, Kind.JOINED):
        identities |= dict.fromkeys(_part(run, batch), 0)
    persons.settle(identities)
    _rename_departments(run)
    return Undone(restored, run.added + run.changed + run.vanished - restored)


def _withdraw(run: ImportRun) -> int:
    """Mark added records as vanished but for those that somebody has worked on."""
    now = moment(timezone.now())
    since = moment(run.finished_at)
    return execute(
        "UPDATE registry_affiliation AS a SET vanished_at = %s, updated_at = %s, source_digest = '' "
        f"FROM registry_importitem i WHERE i.run_id = %s AND i.kind = 'added' AND {items.OF_RECORD} "
        "AND NOT EXISTS (SELECT 1 FROM registry_person p WHERE p.id = a.person_id AND p.activated_at >= %s) "
        "AND NOT EXISTS (SELECT 1 FROM registry_correction c WHERE c.affiliation_id = a.id AND c.created_at >= %s)",
        *(now, now, run.pk, run.source, since, since),
    )


def _bring_back(run: ImportRun) -> int:
    return execute(
        "UPDATE registry_affiliation AS a SET vanished_at = NULL, updated_at = %s FROM registry_importitem i "
        f"WHERE i.run_id = %s AND i.kind = 'vanished' AND {items.OF_RECORD}",
        *(moment(timezone.now()), run.pk, run.source),
    )


def _batches(run: ImportRun, kind: Kind) -> Iterator[list[ImportItem]]:
    latest = 0
    while batch := list(run.items.filter(kind=kind, pk__gt=latest).order_by("pk")[:BATCH]):
        yield batch
        latest = batch[-1].pk


def _records(run: ImportRun, batch: list[ImportItem]) -> dict[tuple[str, str], Affiliation]:
    """The records of these lines by their keys, locked, but for those whose person has activated since."""
    records = Affiliation.objects.select_for_update(of=("self",)).select_related("department")
    found = records.filter(source=run.source, system_id__in={item.system_id for item in batch}).filter(
        Q(person__activated_at=None) | Q(person__activated_at__lt=run.finished_at)
    )
    return {(record.system_id, record.registration_number): record for record in found.order_by("pk")}


def _restore(run: ImportRun, batch: list[ImportItem]) -> list[int]:
    """Put back the fields of changed records; returns the records."""
    records = _records(run, batch)
    departments = {department.code: department for department in Department.objects.all()}
    restored = []
    for item in batch:
        if record := records.get((item.system_id, item.registration_number)):
            details = items.details_of(item)
            _put_back(record, details["fields"], departments)
            record.source_digest = details["digest"]
            record.updated_at = timezone.now()
            restored.append(record)
    Affiliation.objects.bulk_create(
        restored, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN, batch_size=BATCH
    )
    return [record.pk for record in restored]


def _put_back(record: Affiliation, fields: dict[str, list[str]], departments: dict[str, Department]) -> None:
    """Set each field that still is what the import made of it; the insurance number is one statement in three."""
    current = {name: text_of(getattr(record, name)) for name in fields if name in FIELDS}
    current["department"] = record.department.code if record.department else ""
    touched = {name for name, (_before, after) in fields.items() if current[name] != after}
    if touched & INSURANCE:
        touched |= INSURANCE
    for name, (before, _after) in fields.items():
        if name in touched:
            continue
        if name == "department":
            record.department = departments.get(before)
        else:
            setattr(record, name, typed(name, before))
    for name, value in derived({name: getattr(record, name) for name in SAID}).items():
        setattr(record, name, value)


def _hold_again(run: ImportRun, batch: list[ImportItem]) -> None:
    """Corrections that the import had ended, unless there is a newer one."""
    records = _records(run, batch)
    for item in batch:
        record, details = records.get((item.system_id, item.registration_number)), items.details_of(item)
        if record and not record.corrections.filter(field=item.column).exists():
            Affiliation.objects.filter(pk=record.pk).update(source_digest=details["digest"])
            for correction in serializers.deserialize("json", json.dumps(details["correction"])):
                correction.save()


def _part(run: ImportRun, batch: list[ImportItem]) -> list[int]:
    """Give records back to the persons they were with; returns the records."""
    records = _records(run, batch)
    parted, touched = [], set()
    for item in batch:
        record = records.get((item.system_id, item.registration_number))
        before, after = items.details_of(item)["persons"]
        if record and record.person_id == after:
            record.person_id = before
            parted.append(record)
            touched |= {before, after}
    Affiliation.objects.bulk_update(parted, ["person"], batch_size=BATCH)
    Person.objects.filter(pk__in=touched).revise()
    return [record.pk for record in parted]


def _rename_departments(run: ImportRun) -> None:
    for code, entry in run.departments.items():
        if former := entry.get("before"):
            after_el, after_en = entry["after"]
            held = Department.objects.filter(code=code, name_el=after_el, name_en=after_en)
            held.update(name_el=former[0], name_en=former[1])
