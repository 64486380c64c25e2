"""What is staged into the mirror, by a few statements whatever its size. The caller's transaction makes it atomic."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from registry.importing import items, persons
from registry.importing.merging import SILENT, corrections_of, differing, merge
from registry.importing.records import SAID
from registry.importing.report import Finding, Refused
from registry.importing.staging import IMPORTED, Record, Staging
from registry.importing.statements import analyze, defaults, execute, hurry, moment, select
from registry.models import Affiliation, Correction, Department, ImportItem, ImportRun, Person

Progress = Callable[[str, int], None]
# As many corrected records are merged again at a time.
MERGED = 500
# So many rows change what PostgreSQL knows of a table's size.
MANY = 10_000
# What the statements below join with what is staged.
JOINED = ("registry_affiliation", "registry_person", "registry_importitem")
# What nobody sees of a record: how it is found, the number encrypted under the newest key.
WITHOUT_NOTICE = ("source_digest", "insurance_number", *SILENT)


def write_plan(run: ImportRun, *, now: datetime, progress: Progress | None = None) -> list[Finding]:
    """Write what was planned; returns what needs a human decision. Raises `Refused` when what was staged is lost."""
    staging = Staging(run.pk)
    _check_whole(run, staging)
    hurry()
    analyze(staging.staged)
    if run.added or run.changed or run.vanished:
        # As long as PostgreSQL believes them to be empty, it joins row by row.
        analyze(*JOINED)
    _save_departments(run)
    _merge_again(run, staging)
    identities = persons.changed_identities(staging)
    _update(staging, now)
    settled = persons.settle(identities)
    items.save(items.joined(run.pk, *move) for move in settled.moves)
    _tell(progress, run.changed)
    persons.provide(staging)
    _insert(run, staging, now)
    _tell(progress, run.changed + run.added)
    _mark_vanished(run, now)
    _tell(progress, run.changed + run.added + run.vanished)
    if run.added > MANY:
        analyze("registry_affiliation", "registry_person")
    return settled.warnings


def _tell(progress: Progress | None, written: int) -> None:
    if progress:
        progress("written", written)


def _check_whole(run: ImportRun, staging: Staging) -> None:
    """PostgreSQL empties an unlogged table when it recovers from a crash."""
    staged = 0
    if staging.is_there():
        [(staged,)] = select(f"SELECT COUNT(*) FROM {staging.staged} WHERE different")
    if staged != run.added + run.changed:
        raise Refused(_("The plan was lost when the database stopped; start this import again."))


def _save_departments(run: ImportRun) -> None:
    """Create and rename what differs, and note the former names; an empty name takes nothing away."""
    held = {department.code: department for department in Department.objects.filter(code__in=run.departments)}
    differing_ones = []
    for code, entry in run.departments.items():
        name_el, name_en = entry["after"]
        department = held.get(code) or Department(code=code)
        names = (name_el or department.name_el or name_en or code, name_en or department.name_en)
        if department.pk is None or names != (department.name_el, department.name_en):
            if department.pk:
                entry["before"] = [department.name_el, department.name_en]
            entry["after"] = list(names)
            department.name_el, department.name_en = names
            differing_ones.append(department)
    Department.objects.bulk_create(
        differing_ones, update_conflicts=True, unique_fields=["code"], update_fields=["name_el", "name_en"]
    )


# ---- Records that are there already -----------------------------------------------------------------------------


def _merge_again(run: ImportRun, staging: Staging) -> None:
    """Bring together what the rows say with the corrections as they are now: some came after the plan."""
    _lock_records(staging)
    touched = select(
        f"SELECT a.id FROM registry_affiliation a JOIN {staging.staged} s ON s.record = a.id WHERE a.updated_at > %s "
        "OR EXISTS (SELECT 1 FROM registry_correction c WHERE c.affiliation_id = a.id) ORDER BY a.id",
        moment(run.planned_at),
    )
    pks = [pk for (pk,) in touched]
    for start in range(0, len(pks), MERGED):
        _merge(run, staging, pks[start : start + MERGED])
    if pks:
        [(changed,)] = select(f"SELECT COUNT(*) FROM {staging.staged} WHERE different AND NOT fresh")
        run.changed, run.unchanged = changed, run.unchanged + run.changed - changed


def _lock_records(staging: Staging) -> None:
    """All records that are to change, so that no correction comes any more.

    Raises `Refused` when one has another key now: its person was erased, and the plan would bring everything back.
    """
    lock = "FOR UPDATE OF a" if connection.vendor == "postgresql" else ""
    [(erased,)] = select(
        "SELECT COUNT(*) FILTER (WHERE held <> planned) FROM (SELECT a.system_id AS held, s.system_id AS planned "
        f"FROM registry_affiliation a JOIN {staging.staged} s ON s.record = a.id ORDER BY a.id {lock}) locked"
    )
    if erased:
        raise Refused(_("A person of this plan was erased meanwhile; start this import again."))


def _merge(run: ImportRun, staging: Staging, pks: list[int]) -> None:
    held = Affiliation.objects.select_related("department").in_bulk(pks)
    corrections = corrections_of(pks)
    different: list[Record] = []
    silent: list[Record] = []
    lines: list[ImportItem] = []
    released: list[int] = []
    for record in _staged(staging, pks):
        assert record.record  # noqa: S101 They were found by it.
        merged = merge(record.said, corrections.get(record.record, []))
        released += [correction.pk for correction in merged.released]
        lines += items.released(run.pk, record, held[record.record], merged)
        fields = differing(held[record.record], record.department, merged.values)
        record.said = {name: merged.values[name] for name in SAID}
        (different if fields or record.fresh else silent).append(record)
        if fields and not record.fresh:
            lines.append(items.changed(run.pk, record, held[record.record], merged, fields))
    staging.remove(pks)
    staging.write(different)
    staging.write(silent, different=False)
    run.items.filter(
        kind__in=[ImportItem.Kind.CHANGED, ImportItem.Kind.RELEASED],
        line__in=[record.line for record in different + silent],
    ).delete()
    items.save(lines)
    Correction.objects.filter(pk__in=released).delete()


def _staged(staging: Staging, pks: list[int]) -> list[Record]:
    """What the source says of these records, read back with the fields' own types."""
    rows: Any = Affiliation.objects.raw(
        f"SELECT record AS id, line, fresh, system_id, registration_number, source_digest, department AS code, "
        f"{', '.join(SAID)} FROM {staging.staged} WHERE record IN ({', '.join(map(str, pks))})"
    )
    return [
        Record(
            line=row.line,
            key=(row.system_id, row.registration_number),
            digest=row.source_digest,
            department=row.code,
            said={name: getattr(row, name) for name in SAID},
            record=row.pk,
            fresh=bool(row.fresh),
        )
        for row in rows
    ]


def _update(staging: Staging, now: datetime) -> None:
    columns = [f"{name} = s.{name}" for name in IMPORTED]
    department = "department_id = (SELECT d.id FROM registry_department d WHERE d.code = s.department)"
    execute(
        f"UPDATE registry_affiliation AS a SET {', '.join(columns)}, {department}, vanished_at = NULL, updated_at = %s "
        f"FROM {staging.staged} s WHERE a.id = s.record AND s.different",
        moment(now),
    )
    execute(
        f"UPDATE registry_affiliation AS a SET {', '.join(f'{name} = s.{name}' for name in WITHOUT_NOTICE)} "
        f"FROM {staging.staged} s WHERE a.id = s.record AND NOT s.different"
    )
    changed = (
        f"SELECT a.person_id FROM registry_affiliation a JOIN {staging.staged} s ON s.record = a.id WHERE s.different"
    )
    Person.objects.filter(pk__in=RawSQL(changed, [])).revise()


# ---- The others -------------------------------------------------------------------------------------------------


def _insert(run: ImportRun, staging: Staging, now: datetime) -> None:
    values: dict[str, object] = {"source": run.source, "created_at": moment(now), "updated_at": moment(now)}
    copied = ("system_id", "registration_number", *IMPORTED)
    values |= defaults(Affiliation, besides={*values, *copied, "person_id", "department_id"})
    execute(
        f"INSERT INTO registry_affiliation (department_id, person_id, {', '.join(copied)}, {', '.join(values)}) "
        f"SELECT d.id, COALESCE(p.id, n.person), {', '.join(f's.{name}' for name in copied)}, "
        f"{', '.join(['%s'] * len(values))} FROM {staging.staged} s "
        "LEFT JOIN registry_department d ON d.code = s.department "
        "LEFT JOIN registry_person p ON p.identity = s.identity "
        f"LEFT JOIN {staging.nameless} n ON n.line = s.line WHERE s.record IS NULL",
        *values.values(),
    )
    staging.forget_nameless()


def _mark_vanished(run: ImportRun, now: datetime) -> None:
    if not run.vanished:
        return
    execute(
        "UPDATE registry_affiliation AS a SET vanished_at = %s, updated_at = %s FROM registry_importitem i "
        f"WHERE i.run_id = %s AND i.kind = 'vanished' AND {items.OF_RECORD}",
        *(moment(now), moment(now), run.pk, run.source),
    )
    items.persons_of(run, ImportItem.Kind.VANISHED).revise()
