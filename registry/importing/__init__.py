"""An import: first planned, which changes nothing of the mirror, then applied, in one transaction.

its life: plan, confirm, apply, undo    runs.py
with the rows of a source               plan.py       which are new, changed, the same, vanished, rejected
a row and the record                    records.py    what the row says; merging.py what the record becomes
where rows wait to be written           staging.py
the plan to look at                     items.py
the plan                                apply.py      into the database; undo.py out of it again
whose the records are                   persons.py    one human being, one `Person`
"""

from collections.abc import Callable, Iterable

from registry.importing import runs
from registry.importing.items import FieldChange, changes_of
from registry.importing.report import Finding, Refused, Report
from registry.importing.undo import Undone
from registry.models import ImportRun, Source
from registry.sources import Row, UnreadableSource

__all__ = [
    "FieldChange",
    "Finding",
    "Refused",
    "Report",
    "Undone",
    "UnreadableSource",
    "changes_of",
    "import_records",
    "runs",
]


def import_records(
    rows: Iterable[Row],
    *,
    source: Source,
    name: str,
    dry_run: bool = False,
    force: bool = False,
    complete: bool = True,
    updated_until: str = "",
    started_by: str = "",
    origin: str = ImportRun.Origin.FILE,
    progress: Callable[[str, int], None] | None = None,
) -> Report:
    """Make the mirror of one system equal to `rows`: its whole content, or what changed unless `complete`.

    `name` is kept in the `ImportRun`; `progress` hears of the rows "read" and the records "written" so far. Raises
    `Refused` when too much would vanish or change and `force` is not given, and `UnreadableSource`; then, and with
    `dry_run`, the mirror has not changed. What a guard rail holds stays there, to be confirmed by `runs.confirm`.
    """
    run = runs.queue(
        source=source, name=name, started_by=started_by, origin=origin, complete=complete, updated_until=updated_until
    )
    if dry_run:
        return _rehearse(run, rows, force=force, progress=progress)
    report = runs.plan(run, rows, progress=progress)
    if run.state == ImportRun.State.HELD:
        if not force:
            raise Refused(run.reason, report)
        runs.confirm(run, by=started_by)
    try:
        report.warnings += runs.apply(run, progress=progress)
    except Refused as refusal:
        raise Refused(str(refusal), report) from None
    return report


def _rehearse(
    run: ImportRun, rows: Iterable[Row], *, force: bool, progress: Callable[[str, int], None] | None
) -> Report:
    """Plan and leave no trace."""
    try:
        report = runs.read(run, rows, progress=progress)
        if run.state == ImportRun.State.HELD and not force:
            raise Refused(run.reason, report)
    finally:
        runs.forget(run)
    return report
