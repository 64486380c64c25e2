"""The plan: every row compared with the mirror, nothing of which is written.

Only digests go to the database with every row. It answers which of them are new or differ, and only these are read.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import encryption
from registry.importing import items, persons
from registry.importing.guards import objection
from registry.importing.merging import corrections_of, differing, merge
from registry.importing.records import BadValue, RowReader, Values, read_department, warnings_of
from registry.importing.report import Finding, Lost, Refused, Report
from registry.importing.staging import Line, Record, Staging
from registry.importing.statements import hurry, look_up_by_key, select
from registry.importing.usernames import shared_usernames
from registry.models import Affiliation, Correction, ImportItem, ImportRun, Source
from registry.sources import BadCell, Row
from registry.sources.columns import COLUMNS

# To be raised when rows are understood differently, so that unchanged ones are read again.
READING = 2
BATCH = 10_000
# As many records of the mirror are compared at a time.
COMPARED = 1_000
KEY_COLUMNS = frozenset({"systemID", "registrationID", "academicID"})
Progress = Callable[[str, int], None]


def make_plan(run: ImportRun, rows: Iterable[Row], *, progress: Progress | None = None) -> Report:
    """Read the whole source, compare, store the plan's lines; raises `UnreadableSource` from the rows.

    Lines have to ascend. Unless `run.complete`, the records whose rows did not come are left alone. The run's figures,
    and the reason why it has to be confirmed, are set but not saved.
    """
    planner = _Planner(run)
    for batch in _batches(rows):
        with transaction.atomic(), _without_looking_for_garbage():
            planner.take(batch)
        if progress:
            progress("read", planner.read)
    with transaction.atomic():
        planner.finish()
    return planner.report


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := _next_batch(iterator):
        yield batch


def _next_batch(rows: Iterator[Row]) -> list[Row]:
    with _without_looking_for_garbage():
        return list(islice(rows, BATCH))


@contextmanager
def _without_looking_for_garbage() -> Iterator[None]:
    """A batch makes ten thousands of objects, none of which holds itself; the collector would look at them all again
    and again, an eighth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Planner:
    """What has to be remembered from the first row to the last; everything large is in the database."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.staging = Staging(run.pk)
        self.staging.create()
        self.report = Report()
        self.source = Source(run.source)
        self.reader = RowReader(self.source)
        self.read = 0
        self.returned = 0
        self.noted_keys = 0
        self.spared: list[tuple[str, str, str, str]] = []
        self.keys: set[int] = set()
        self.released: set[int] = set()
        self.departments: dict[str, tuple[str, str]] = {}
        self.department_cells: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self.noted: set[tuple[str, str, str]] = set()
        records = Affiliation.objects.filter(source=run.source)
        self.knows_some = records.exists()
        self.held = records.filter(vanished_at=None).count() if self.knows_some else 0
        corrections = Correction.objects.filter(affiliation__source=run.source)
        self.corrected = set(corrections.values_list("affiliation_id", flat=True))
        # The names of the departments have a table of their own.
        self.columns = [name for name in COLUMNS[self.source] if name not in ("departmentEl", "departmentEn")]
        self.cells = itemgetter(*self.columns)
        # A changed setting makes the same row mean something else.
        meaning = [READING, sorted(settings.EMPLOYEE_KINDS.items()), sorted(settings.ABROAD_ENROLLMENT_TYPES)]
        self.digest = encryption.digester(f"{run.source}\x1e{meaning}\x1e", purpose="row")

    # ---- A batch ------------------------------------------------------------------------------------------------

    def take(self, batch: list[Row]) -> None:
        self.read += len(batch)
        if not ImportRun.objects.filter(pk=self.run.pk, state=ImportRun.State.READING).update(
            rows_read=self.read, touched_at=timezone.now()
        ):
            raise Refused(_("The import was stopped."), self.report)
        given = {line: row for line, values in batch if (row := self._given(line, values))}
        candidates = self._differing(given) if self.knows_some else [(line, None, True) for line in given]
        self.report.unchanged += len(given) - len(candidates)
        records = []
        for line, pk, fresh in candidates:
            row = given[line]
            try:
                said = self.reader.fields(row.values)
            except BadValue as problem:
                self._reject(line, problem)
                del given[line]
            else:
                records.append(Record(line, row.key, row.digest, row.department[0], said, pk, fresh))
        self._stage(records)
        for line, row in given.items():
            self._note(line, row)

    def _given(self, line: int, values: Values) -> "_Given | None":
        """The row as far as it is read in any case; None when it is rejected already."""
        try:
            key = self.reader.key(values)
            department = self._department(values)
        except BadValue as problem:
            self._reject(line, problem)
            self._spare(line, values)
            return None
        # 64 bits of each key, so that memory stays small; in a million rows two share them once in 37 million imports.
        if (mark := hash(key)) in self.keys:
            self._reject(line, BadValue("systemID", _("An earlier row has the same key.")))
            return None
        self.keys.add(mark)
        try:
            text = "\x1f".join(self.cells(values))
        except KeyError:
            text = "\x1f".join([values.get(column, "") for column in self.columns])
        return _Given(values, key, self.digest(text), department)

    def _spare(self, line: int, values: Values) -> None:
        """A row that is damaged elsewhere than in its key still shows that its record has not vanished."""
        sound = {column: str(value) for column, value in values.items() if column in KEY_COLUMNS}
        if any(isinstance(values[column], BadCell) for column in sound):
            return
        with suppress(BadValue):
            self.spared.append((str(line), *self.reader.key(sound), ""))

    def _department(self, values: Values) -> tuple[str, str, str]:
        """Code and names; there are few, so each is read once. Raises `BadValue`."""
        cells = (values.get("departmentID", ""), values.get("departmentEl", ""), values.get("departmentEn", ""))
        if cells not in self.department_cells:
            self.department_cells[cells] = read_department(values)
        return self.department_cells[cells]

    def _differing(self, given: "dict[int, _Given]") -> list[tuple[int, int | None, bool]]:
        """Line, the record's key if there is one, whether the row adds it: of the rows that the mirror does not hold.

        What an undo has taken out again has no digest.
        """
        keys: list[Line] = [*self.spared, *[(str(line), *row.key, row.digest) for line, row in given.items()]]
        self.staging.note_seen(keys)
        self.noted_keys += len(keys)
        self.spared.clear()
        if not given:
            return []
        look_up_by_key()
        found = select(
            f"SELECT s.line, a.id, a.source_digest FROM {self.staging.seen} s LEFT JOIN registry_affiliation a "
            "ON a.source = %s AND a.system_id = s.system_id AND a.registration_number = s.registration_number "
            "WHERE s.line BETWEEN %s AND %s AND s.digest <> '' "
            "AND (a.id IS NULL OR a.vanished_at IS NOT NULL OR a.source_digest <> s.digest) ORDER BY s.line",
            *(self.run.source, min(given), max(given)),
        )
        return [(line, pk, not digest) for line, pk, digest in found]

    def _stage(self, records: list[Record]) -> None:
        fresh = [record for record in records if record.fresh]
        self.report.added += len(fresh)
        persons.keep_older_identities(fresh)
        self.staging.write(fresh)
        others = [record for record in records if not record.fresh]
        for start in range(0, len(others), COMPARED):
            self._compare(others[start : start + COMPARED])

    def _compare(self, records: list[Record]) -> None:
        """Rows whose digest is another: which fields differ once the corrections are taken in."""
        pks = [record.record for record in records if record.record]
        held = Affiliation.objects.select_related("department").in_bulk(pks)
        corrections = corrections_of([pk for pk in pks if pk in self.corrected])
        different: list[Record] = []
        silent: list[Record] = []
        lines: list[ImportItem] = []
        for record in records:
            before = held[record.record]
            merged = merge(record.said, corrections.get(before.pk, []))
            self.released |= {correction.pk for correction in merged.released}
            lines += items.released(self.run.pk, record, before, merged)
            fields = differing(before, record.department, merged.values)
            if not fields:
                silent.append(record)
                continue
            different.append(record)
            lines.append(items.changed(self.run.pk, record, before, merged, fields))
            self.report.changed_fields.update(fields)
            self.returned += "vanished_at" in fields
        self.report.changed += len(different)
        self.report.unchanged += len(silent)
        self.staging.write(different)
        self.staging.write(silent, different=False)
        items.save(lines)

    def _reject(self, line: int, problem: BadValue) -> None:
        self.report.rejections.append(Finding(line, problem.column, problem.reason))

    def _note(self, line: int, row: "_Given") -> None:
        """What a row that is taken in says beside its record. The first one that names a department decides."""
        for column, reason in warnings_of(row.values):
            self.report.warnings.append(Finding(line, column, reason))
        code, name_el, name_en = row.department
        if code and row.department not in self.noted:
            self.noted.add(row.department)
            known_el, known_en = self.departments.get(code, ("", ""))
            self.departments[code] = (known_el or name_el, known_en or name_en)

    # ---- The end ------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        hurry()
        self._check_whole()
        self.staging.complete()
        if self.run.complete and self.knows_some:
            self.report.vanished = items.save_vanished(self.staging, self.source)
        items.save_added(self.staging)
        self._note_kept()
        rejected = {finding.line for finding in self.report.rejections}
        shared = [line for line in shared_usernames(self.staging, self.source) if line not in rejected]
        self.report.warnings += [
            Finding(line, "loginName", _("Another person has the same username.")) for line in shared
        ]
        for kind, findings in (("rejected", self.report.rejections), ("warning", self.report.warnings)):
            findings.sort()
            items.save(items.finding(self.run.pk, ImportItem.Kind(kind), finding) for finding in findings)
        self._close()

    def _check_whole(self) -> None:
        """A crash of PostgreSQL between two batches empties what was noted, and whoever was noted would vanish."""
        if self.staging.has_seen() != self.noted_keys:
            raise Lost(_("The plan was lost when the database stopped; start this import again."), self.report)

    def _note_kept(self) -> None:
        """The corrections of the records that were seen, but for those that the source has made needless."""
        if not self.corrected:
            return
        seen = RawSQL(
            f"SELECT a.id FROM {self.staging.seen} s JOIN registry_affiliation a ON a.source = %s "
            "AND a.system_id = s.system_id AND a.registration_number = s.registration_number",
            [self.run.source],
        )
        found = Correction.objects.filter(affiliation_id__in=seen).select_related("affiliation").order_by("pk")
        kept = [correction for correction in found if correction.pk not in self.released]
        self.report.kept_corrections = len(kept)
        items.save(items.kept(self.run.pk, correction) for correction in kept)

    def _close(self) -> None:
        """What the run is to remember, for its caller to save."""
        self.staging.forget_seen()
        run = self.run
        for name, number in self.report.counts().items():
            setattr(run, name, number)
        run.rows_read, run.held_records = self.read, self.held
        run.changed_fields = dict(self.report.changed_fields)
        run.departments = {code: {"after": list(names)} for code, names in self.departments.items()}
        run.reason = objection(run, returned=self.returned)


class _Given(NamedTuple):
    values: Values
    key: tuple[str, str]
    digest: str
    department: tuple[str, str, str]
