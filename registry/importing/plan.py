"""The plan: every row compared with the mirror, nothing written."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import encryption
from registry.importing.merging import merge
from registry.importing.records import BadValue, Record, Values, read_department, read_fields, read_key, warnings_of
from registry.importing.report import Finding, Refused, Report
from registry.importing.spool import BATCH, Spool
from registry.models import Affiliation, Correction, ImportRun, Source
from registry.sources import Row
from registry.sources.columns import COLUMNS

# To be raised when rows are understood differently, so that unchanged ones are read again.
READING = 2


@dataclass
class Plan:
    """What to do, by primary key where the record is there already."""

    source: Source
    started_at: datetime = field(default_factory=timezone.now)
    latest_run: int = 0
    added: Spool[Record] = field(default_factory=Spool)
    changed: Spool[tuple[int, Record]] = field(default_factory=Spool)
    vanished: list[int] = field(default_factory=list)
    departments: dict[str, tuple[str, str]] = field(default_factory=dict)
    read: int = 0
    held: int = 0
    report: Report = field(default_factory=Report)

    def refuse_great_losses(self) -> None:
        """Raises `Refused` when the source is empty or more than the set share of its records would vanish."""
        if self.held and not self.read:
            raise Refused(_("The source is empty; every record would vanish."), self.report)
        if self.report.vanished * 100 > self.held * settings.IMPORT_MAX_VANISHED:
            shares = {"vanished": self.report.vanished, "held": self.held, "most": settings.IMPORT_MAX_VANISHED}
            message = _("%(vanished)d of %(held)d records would vanish, more than %(most)d %%.") % shares
            raise Refused(message, self.report)


def make_plan(rows: Iterable[Row], *, source: Source, progress: Callable[[str, int], None] | None = None) -> Plan:
    """Read the whole source and compare; raises `UnreadableSource` from the rows."""
    latest = ImportRun.objects.order_by("-pk").values_list("pk", flat=True).first()
    planner = _Planner(Plan(source, latest_run=latest or 0))
    for batch in _batches(rows):
        planner.take(batch)
        if progress:
            progress("read", planner.plan.read)
    planner.finish()
    return planner.plan


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


@dataclass(slots=True)
class _Known:
    pk: int
    digest: str
    gone: bool


class _Planner:
    """What has to be remembered from the first row to the last: keys, usernames, records seen."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.report = plan.report
        self.keys: set[bytes] = set()
        self.seen: set[int] = set()
        self.spared: set[tuple[str, str]] = set()
        self.usernames: dict[bytes, bytes] = {}
        self.corrected = dict(
            Correction.objects.filter(affiliation__source=plan.source)
            .values_list("affiliation_id")
            .annotate(number=Count("pk"))
        )
        # The names of the departments have a table of their own.
        self.columns = [name for name in COLUMNS[plan.source] if name not in ("departmentEl", "departmentEn")]
        # A changed setting makes the same row mean something else.
        meaning = [READING, sorted(settings.EMPLOYEE_KINDS.items()), sorted(settings.ABROAD_ENROLLMENT_TYPES)]
        self.meaning = f"{plan.source}\x1e{meaning}\x1e"

    def take(self, batch: list[Row]) -> None:
        keyed = [(line, values, key) for line, values in batch if (key := self._key(line, values))]
        self.plan.read += len(batch)
        known = self._known({key[0] for _line, _values, key in keyed} | {key[0] for key in self.spared})
        self.seen.update(known[key].pk for key in self.spared if key in known)
        self.spared.clear()
        changed = []
        for line, values, key in keyed:
            held = known.get(key)
            if held:
                self.seen.add(held.pk)
            if (record := self._read(line, values, key, held)) is None:
                continue
            if held:
                changed.append((held.pk, record))
            else:
                self.report.added += 1
                self.plan.added.add(record)
        self._compare(changed)

    def finish(self) -> None:
        current = Affiliation.objects.filter(source=self.plan.source, vanished_at=None).order_by("pk")
        for pk in current.values_list("pk", flat=True).iterator(chunk_size=BATCH):
            self.plan.held += 1
            if pk not in self.seen:
                self.plan.vanished.append(pk)
        self.report.vanished = len(self.plan.vanished)
        self.report.kept_corrections += sum(self.corrected.get(pk, 0) for pk in self.seen)
        self.report.rejections.sort()
        self.report.warnings.sort()

    def _key(self, line: int, values: Values) -> tuple[str, str] | None:
        """The row's key, None when it has none or one that an earlier row had."""
        try:
            key = read_key(values, self.plan.source)
        except BadValue as problem:
            self._reject(line, problem)
            self._spare(values)
            return None
        mark = _mark(*key)
        if mark in self.keys:
            self._reject(line, BadValue("systemID", _("An earlier row has the same key.")))
            return None
        self.keys.add(mark)
        return key

    def _spare(self, values: Values) -> None:
        """A row that is damaged elsewhere than in its key still shows that its record has not vanished."""
        sound = {column: value for column, value in values.items() if column in KEY_COLUMNS}
        try:
            key = read_key(sound, self.plan.source)
        except BadValue:
            return
        self.spared.add(key)

    def _known(self, system_ids: set[str]) -> dict[tuple[str, str], _Known]:
        held = Affiliation.objects.filter(source=self.plan.source, system_id__in=system_ids).values_list(
            "system_id", "registration_number", "pk", "source_digest", "vanished_at"
        )
        return {(system_id, number): _Known(pk, digest, bool(gone)) for system_id, number, pk, digest, gone in held}

    def _read(self, line: int, values: Values, key: tuple[str, str], held: _Known | None) -> Record | None:
        """The row understood; None when it is the one that the mirror holds, or is rejected."""
        text = "\x1f".join([values.get(column, "") for column in self.columns])
        digest = encryption.digest(self.meaning + text, purpose="row")
        same = held is not None and held.digest == digest and not held.gone
        try:
            code, name_el, name_en = read_department(values)
            record = Record(line, key, digest, code, {} if same else read_fields(values, self.plan.source))
        except BadValue as problem:
            self._reject(line, problem)
            return None
        self._warn(line, values)
        if code:
            self._note_department(code, name_el, name_en)
        if same:
            self.report.unchanged += 1
            return None
        return record

    def _reject(self, line: int, problem: BadValue) -> None:
        self.report.rejections.append(Finding(line, problem.column, problem.reason))

    def _warn(self, line: int, values: Values) -> None:
        self.report.warnings += [Finding(line, column, reason) for column, reason in warnings_of(values)]
        if username := values.get("loginName", "").strip():
            # The same number, country and birth date are the same person; without a number the record is its own.
            parts = [values.get(column, "").strip() for column in ("ssn", "ssnCountry", "birthDate")]
            person = _mark(*(parts if all(parts) else [values["systemID"].strip()]))
            if self.usernames.setdefault(_mark(username), person) != person:
                self.report.warnings.append(Finding(line, "loginName", _("Another person has the same username.")))

    def _note_department(self, code: str, name_el: str, name_en: str) -> None:
        """The first row that names a department decides, so that the same file always says the same."""
        known_el, known_en = self.plan.departments.get(code, ("", ""))
        self.plan.departments[code] = (known_el or name_el, known_en or name_en)

    def _compare(self, candidates: list[tuple[int, Record]]) -> None:
        """Rows whose digest is another: which fields differ once the corrections are taken in."""
        pks = [pk for pk, _record in candidates]
        records = Affiliation.objects.select_related("department").in_bulk(pks)
        corrections = corrections_of([pk for pk in pks if pk in self.corrected])
        for pk, record in candidates:
            merged = merge(record.fields, corrections.get(pk, []))
            self.report.kept_corrections -= len(merged.released)
            fields = differing(records[pk], record, merged.values)
            self.report.changed += bool(fields)
            self.report.unchanged += not fields
            self.report.changed_fields.update(fields)
            self.plan.changed.add((pk, record))


KEY_COLUMNS = frozenset({"systemID", "registrationID", "academicID"})
# What a new key or version of the installation changes without the source having changed.
SILENT = frozenset({"insurance_digest", "search_name", "search_name_latin"})


def differing(held: Affiliation, record: Record, values: dict[str, object]) -> list[str]:
    """The names of the fields in which the record is to become another."""
    names = [name for name, value in values.items() if name not in SILENT and getattr(held, name) != value]
    if (held.department.code if held.department else "") != record.department:
        names.append("department")
    if held.vanished_at:
        names.append("vanished_at")
    return names


def corrections_of(pks: list[int]) -> dict[int, list[Correction]]:
    """The corrections of these records, by record."""
    found: dict[int, list[Correction]] = {}
    if pks:
        for correction in Correction.objects.filter(affiliation_id__in=pks):
            found.setdefault(correction.affiliation_id, []).append(correction)
    return found


def _mark(*parts: str) -> bytes:
    """Sixteen bytes in place of a key: two keys never share them by chance, and memory stays small."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
