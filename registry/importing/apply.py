"""The plan into the database: all of it or nothing."""

from collections.abc import Callable

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.importing import persons
from registry.importing.merging import derived, merge
from registry.importing.plan import Plan, corrections_of, differing
from registry.importing.records import Record
from registry.importing.report import Refused
from registry.importing.spool import BATCH
from registry.models import Affiliation, Correction, Department, ImportRun

Progress = Callable[[str, int], None]
# What a row may change in a record that is there already.
WRITTEN = [
    field.name
    for field in Affiliation._meta.concrete_fields  # noqa: SLF001 Django documents _meta.
    if field.name not in ("id", "person", "source", "system_id", "registration_number", "created_at")
]
IDENTITY = ("insurance_number", "insurance_country", "birth_date", "insurance_digest")


@transaction.atomic
def apply(plan: Plan, *, name: str, progress: Progress | None = None) -> None:
    """Write what was planned, and an `ImportRun`. Raises `Refused` if another import came in between."""
    _wait_for_other_imports()
    latest = ImportRun.objects.order_by("-pk").values_list("pk", flat=True).first()
    if (latest or 0) != plan.latest_run:
        raise Refused(_("Another import ran meanwhile; start this one again."), plan.report)
    departments = _save_departments(plan)
    written = 0
    changed_identities: dict[int, int] = {}
    for changes in plan.changed.batches():
        changed_identities |= _change(changes, departments)
        written += len(changes)
        if progress:
            progress("written", written)
    plan.report.warnings += persons.settle(changed_identities)
    for records in plan.added.batches():
        _add(records, plan, departments)
        written += len(records)
        if progress:
            progress("written", written)
    _mark_vanished(plan.vanished)
    _log(plan, name)


def _wait_for_other_imports() -> None:
    """One import at a time: SQLite has one writer anyhow; on PostgreSQL the log's own table is the lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registry_importrun IN SHARE ROW EXCLUSIVE MODE")


def _save_departments(plan: Plan) -> dict[str, Department]:
    """Create and rename what differs; an empty name takes nothing away."""
    held = {department.code: department for department in Department.objects.filter(code__in=plan.departments)}
    differing = []
    for code, (name_el, name_en) in plan.departments.items():
        department = held.setdefault(code, Department(code=code))
        names = (name_el or department.name_el or name_en or code, name_en or department.name_en)
        if department.pk is None or names != (department.name_el, department.name_en):
            department.name_el, department.name_en = names
            differing.append(department)
    Department.objects.bulk_create(
        differing, update_conflicts=True, unique_fields=["code"], update_fields=["name_el", "name_en"]
    )
    return {department.code: department for department in Department.objects.filter(code__in=plan.departments)}


def _change(changes: list[tuple[int, Record]], departments: dict[str, Department]) -> dict[int, int]:
    """Update the records; the keys of those that may be somebody else now, with their line.

    Records and corrections are read again, locked: a correction made since the plan holds too.
    """
    pks = [pk for pk, _record in changes]
    locked = Affiliation.objects.select_for_update(of=("self",)).select_related("department")
    held = {affiliation.pk: affiliation for affiliation in locked.filter(pk__in=pks).order_by("pk")}
    corrections = corrections_of(pks)
    released: list[int] = []
    updated: list[Affiliation] = []
    refreshed: list[Affiliation] = []
    identities: dict[int, int] = {}
    for pk, record in changes:
        affiliation = held[pk]
        merged = merge(record.fields, corrections.get(pk, []))
        released += [correction.pk for correction in merged.released]
        (updated if differing(affiliation, record, merged.values) else refreshed).append(affiliation)
        if any(getattr(affiliation, name) != merged.values[name] for name in IDENTITY):
            identities[pk] = record.line
        _set(affiliation, record, merged.values, departments)
    Correction.objects.filter(pk__in=released).delete()
    _upsert(updated, WRITTEN)
    _upsert(refreshed, ["source_digest", "insurance_digest", "insurance_number", "search_name", "search_name_latin"])
    return identities


def _set(
    affiliation: Affiliation, record: Record, values: dict[str, object], departments: dict[str, Department]
) -> None:
    for name, value in values.items():
        setattr(affiliation, name, value)
    affiliation.department = departments.get(record.department)
    affiliation.source_digest = record.digest
    affiliation.vanished_at = None


def _upsert(affiliations: list[Affiliation], fields: list[str]) -> None:
    """Every one is there: one statement for many rows, which `bulk_update` would write as a case for each value."""
    Affiliation.objects.bulk_create(
        affiliations, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=BATCH
    )


def _add(records: list[Record], plan: Plan, departments: dict[str, Department]) -> None:
    affiliations = [
        Affiliation(
            source=plan.source,
            system_id=record.key[0],
            registration_number=record.key[1],
            department=departments.get(record.department),
            source_digest=record.digest,
            **record.fields,
            **derived(record.fields),
        )
        for record in records
    ]
    persons.assign_new(affiliations)
    Affiliation.objects.bulk_create(affiliations, batch_size=BATCH)


def _mark_vanished(pks: list[int]) -> None:
    now = timezone.now()
    for start in range(0, len(pks), BATCH):
        Affiliation.objects.filter(pk__in=pks[start : start + BATCH]).update(vanished_at=now, updated_at=now)


def _log(plan: Plan, name: str) -> None:
    ImportRun.objects.create(
        source=plan.source,
        name=name[:200],
        started_at=plan.started_at,
        finished_at=timezone.now(),
        **plan.report.counts(),
    )
