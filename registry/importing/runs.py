"""The life of an import: queued → reading → planned or held → applied, and perhaps undone.

    run = queue(source=…, name=…)        a row to look at, before anything is read
    plan(run, rows)                      planned, or held by a guard rail; nothing of the mirror has changed
    confirm(run, by=…)                   a person lets a held one pass
    apply(run)                           into the mirror, all of it or nothing
    undo(run, by=…)                      the last one of its source only
    refuse(run, reason=…)                gives up one that has not been applied
    clear_away()                         what was left behind, and what is old

Each step claims the row in one statement, so two workers, or a person and the schedule, never take the same one; a
claim that fails raises `Refused`. A task that starts again after its worker was killed may call the same function
again. Another import of the same source that came in between refuses what had been planned before it.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.importing import items, persons
from registry.importing.apply import write_plan
from registry.importing.plan import Progress, make_plan
from registry.importing.report import COUNTS, Finding, Lost, Refused, Report
from registry.importing.staging import PREFIXES, Staging
from registry.importing.statements import execute
from registry.importing.undo import Undone, take_back
from registry.models import ImportItem, ImportRun, Person, Source
from registry.sources import Row, UnreadableSource

State = ImportRun.State
# What they are to write is kept: not applied yet, and not given up.
OPEN = (State.QUEUED, State.READING, State.PLANNED, State.HELD, State.APPLYING)
# A worker that reads gives a sign of life with every batch of rows; one that writes can give none.
QUIET = timedelta(minutes=2)
LOST = timedelta(hours=6)
logger = logging.getLogger(__name__)


def queue(
    *,
    source: Source,
    name: str,
    started_by: str = "",
    origin: str = ImportRun.Origin.FILE,
    complete: bool = True,
    updated_until: str = "",
) -> ImportRun:
    """A new import that waits for its worker. `complete` says whether the source will hand over all of its rows.

    Raises `Refused` when it is a view that is being read already: the database decides who is first.
    """
    try:
        with transaction.atomic():
            return ImportRun.objects.create(
                source=source,
                name=name[:200],
                started_by=started_by,
                origin=origin,
                complete=complete,
                updated_until=updated_until,
            )
    except IntegrityError:
        raise Refused(_("The view is being read at this moment.")) from None


def plan(run: ImportRun, rows: Iterable[Row], *, progress: Progress | None = None) -> Report:
    """Read the source and store what would be done, in place of earlier plans for the same source.

    Raises `UnreadableSource` and whatever else the rows raise, `Refused` when somebody gave the import up meanwhile.
    """
    report = read(run, rows, progress=progress)
    for older in ImportRun.objects.filter(source=run.source, state__in=(State.PLANNED, State.HELD), pk__lt=run.pk):
        refuse(older, reason=_("A newer reading has taken its place."))
    return report


def read(run: ImportRun, rows: Iterable[Row], *, progress: Progress | None = None) -> Report:
    """What `plan` does, leaving earlier plans as they are."""
    clear_away()
    ready = Q(state=State.QUEUED) | Q(state=State.READING, touched_at__lt=timezone.now() - QUIET)
    _claim(run, ready, state=State.READING, base=latest_turn(run.source), reason="")
    run.items.all().delete()
    try:
        report = make_plan(run, rows, progress=progress)
        values = {name: getattr(run, name) for name in ("rows_read", "held_records", "changed_fields", "departments")}
        state = State.HELD if run.reason else State.PLANNED
        _claim(
            run, Q(state=State.READING), state=state, reason=run.reason, planned_at=timezone.now(), **values,
            **report.counts(),
        )  # fmt: skip
    except UnreadableSource as error:
        _give_up(run, State.UNREADABLE, str(error))
        raise
    except Lost as loss:
        _give_up(run, State.FAILED, str(loss))
        raise
    except Refused:
        _drop(run)
        raise
    except Exception:
        _give_up(run, State.FAILED, _("Reading failed; the operator finds the cause in the log."))
        raise
    return report


def confirm(run: ImportRun, *, by: str) -> None:
    """Let a plan pass that a guard rail holds. Raises `Refused`, and gives it up, when another import came between."""
    if run.state == State.HELD and latest_turn(run.source) != run.base:
        refuse(run, reason=_came_between())
        raise Refused(_came_between())
    _claim(run, Q(state=State.HELD), state=State.PLANNED, confirmed_by=by)


def apply(run: ImportRun, *, progress: Progress | None = None) -> list[Finding]:
    """Write what was planned, in one transaction; returns what needs a human decision.

    Raises `Refused`, and gives the plan up, when another import came between.
    """
    _claim(run, Q(state__in=(State.PLANNED, State.APPLYING)), state=State.APPLYING)
    try:
        with transaction.atomic():
            _wait_for_others()
            _check_base(run)
            now = timezone.now()
            findings = write_plan(run, now=now, progress=progress)
            items.save(items.finding(run.pk, ImportItem.Kind.WARNING, finding) for finding in findings)
            written = run.added + run.changed + run.vanished
            counts = {name: getattr(run, name) for name in COUNTS} | {"departments": run.departments}
            _claim(
                run, Q(state=State.APPLYING), state=State.APPLIED, turn=run.base + 1, reason="",
                finished_at=now, rows_written=written, **counts,
            )  # fmt: skip
            _drop(run)
    except Refused as refusal:
        _give_up(run, State.REFUSED, str(refusal))
        raise
    except Exception:
        _give_up(
            run, State.FAILED, _("Writing failed and nothing was changed; the operator finds the cause in the log.")
        )
        raise
    return findings


def undo(run: ImportRun, *, by: str) -> Undone:
    """Take back what the last import of its source did, in one transaction; see `undo.py` for what stays.

    Raises `Refused` when it is not the last one that changed something, or when what it did is not kept any more.
    """
    with transaction.atomic():
        _wait_for_others()
        if run != last_applied(run.source):
            raise Refused(_("Only the last import can be undone."))
        run.refresh_from_db()
        if run.added + run.changed + run.vanished and not run.items.exists():
            raise Refused(_("What this import did is not kept any more."))
        undone = take_back(run)
        _claim(
            run, Q(state=State.APPLIED), state=State.UNDONE, turn=latest_turn(run.source) + 1, undone_by=by,
            undone_at=timezone.now(),
        )  # fmt: skip
    return undone


def refuse(run: ImportRun, *, reason: str) -> None:
    """Give up an import that has not been applied. Raises `Refused` when it is too late for that."""
    waiting = (State.QUEUED, State.READING, State.PLANNED, State.HELD)
    with transaction.atomic():
        _claim(run, Q(state__in=waiting), state=State.REFUSED, reason=reason, finished_at=timezone.now())
        if run.planned_at:
            _drop(run)


def forget(run: ImportRun) -> None:
    """Leave no trace of an import that was only tried."""
    _drop(run)
    run.delete()


def last_applied(source: str) -> ImportRun | None:
    """The last import that changed something and stands: the only one that can be undone."""
    changed_something = Q(added__gt=0) | Q(changed__gt=0) | Q(vanished__gt=0)
    return ImportRun.objects.filter(changed_something, source=source, state=State.APPLIED).order_by("-turn").first()


def about(person: Person) -> list[ImportRun]:
    """The open imports with rows of the person; see `waiting`. None begins to write before the transaction ends."""
    _wait_for_others()
    records = list(person.affiliations.all())
    identities = {identity for record in records for identity in persons.identities_of(record)}
    identities |= {person.identity} if person.identity else set()
    keys = [record.pk for record in records]
    return waiting(lambda staging: staging.holds(keys, identities))


def waiting(concerns: Callable[[Staging], bool]) -> list[ImportRun]:
    """The open imports of whose staged rows this is true; of one that is being read nobody knows yet, so it counts.

    To be called in a transaction: until it ends none of them is given up, so that what it has staged stays.
    """
    open_ones = ImportRun.objects.select_for_update().filter(state__in=OPEN).order_by("pk")
    return [run for run in open_ones if run.state == State.READING or concerns(Staging(run.pk))]


def latest_turn(source: str) -> int:
    """What changes the mirror of one source is numbered: imports, and undoing them. The latest number, 0 for none."""
    return ImportRun.objects.filter(source=source).aggregate(latest=Max("turn"))["latest"] or 0


def _claim(run: ImportRun, ready: Q, **values: object) -> None:
    """Change the row if it is as it must be, decided by the database. Raises `Refused`."""
    values["touched_at"] = timezone.now()
    try:
        with transaction.atomic():
            claimed = ImportRun.objects.filter(ready, pk=run.pk).update(**values)
    except IntegrityError:
        raise Refused(_("The view is being read at this moment.")) from None
    if not claimed:
        run.refresh_from_db()
        raise Refused(_("This import is %(state)s; that is not possible now.") % {"state": run.get_state_display()})
    for name, value in values.items():
        setattr(run, name, value)


def _check_base(run: ImportRun) -> None:
    """What was planned holds only for the mirror as it was then."""
    run.refresh_from_db()
    if run.state != State.APPLYING or latest_turn(run.source) != run.base:
        raise Refused(_came_between())


def _came_between() -> str:
    return _("Another import came in between; start this one again.")


def _wait_for_others() -> None:
    """One import writes at a time: SQLite has one writer anyhow; on PostgreSQL a lock that is in nobody else's way."""
    if connection.vendor == "postgresql":
        execute("SELECT pg_advisory_xact_lock(hashtext('registry.importing'))")


def _give_up(run: ImportRun, state: State, reason: str) -> None:
    """Note how it ended, once what it did is rolled back, and forget what it was to write."""
    with transaction.atomic():
        values = {"state": state, "reason": reason, "finished_at": timezone.now(), "touched_at": timezone.now()}
        ImportRun.objects.filter(pk=run.pk, state__in=OPEN).update(**values)
        _drop(run)
    run.refresh_from_db()


def _drop(run: ImportRun) -> None:
    Staging(run.pk).drop()


def clear_away() -> dict[str, int]:
    """Imports whose worker was killed, what given up ones were to write, and plans that nobody looks at any more.

    Plans go after `settings.KEEP_IMPORTS_DAYS`; one that still waits is given up before, so that it can't be applied
    without its lines. Those of the last import of each source stay: it may be undone. Returns the numbers.
    """
    now = timezone.now()
    lost = Q(state=State.READING, touched_at__lt=now - LOST) | Q(state=State.APPLYING, touched_at__lt=now - LOST)
    values = {"state": State.FAILED, "finished_at": now, "reason": _("Its worker was stopped.")}
    stopped = ImportRun.objects.filter(lost).update(**values)
    before = now - timedelta(days=settings.KEEP_IMPORTS_DAYS)
    expired = _expire(before)
    tables = _drop_left_tables()
    # One that failed while it was read has lines without having been planned.
    old = ImportRun.objects.filter(Q(planned_at__lt=before) | Q(planned_at=None, started_at__lt=before))
    last = [run.pk for source in Source if (run := last_applied(source))]
    lines, _details = ImportItem.objects.filter(run__in=old.exclude(state__in=OPEN).exclude(pk__in=last)).delete()
    return {"stopped imports": stopped, "expired plans": expired, "tables": tables, "lines of plans": lines}


def _expire(before: datetime) -> int:
    """Give up the plans that have waited since then; somebody may apply one at this moment."""
    expired = 0
    for run in ImportRun.objects.filter(state__in=(State.PLANNED, State.HELD), planned_at__lt=before):
        with suppress(Refused):
            refuse(run, reason=_("It has waited for %(days)d days.") % {"days": settings.KEEP_IMPORTS_DAYS})
            expired += 1
    return expired


def _drop_left_tables() -> int:
    """Those of imports that are not open."""
    # In this order: a table that is there already belongs to an import that is known by now.
    tables = [table for table in connection.introspection.table_names() if table.startswith(PREFIXES)]
    open_ones = ImportRun.objects.filter(state__in=OPEN).values_list("pk", flat=True)
    in_use = {table for pk in open_ones for table in Staging(pk).tables}
    left = [table for table in tables if table not in in_use]
    for table in left:
        execute(f"DROP TABLE IF EXISTS {table}")
    return len(left)
