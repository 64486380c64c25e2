"""An import: first planned, which only reads, then applied, in one transaction.

with the rows of a source        plan.py       which are new, changed, the same, vanished, rejected
a row and the record             records.py    what the row says; merging.py what the record becomes
the plan                         apply.py      into the database
whose the records are            persons.py    one human being, one `Person`
"""

from collections.abc import Callable, Iterable

from registry.importing.apply import apply
from registry.importing.plan import make_plan
from registry.importing.report import Finding, Refused, Report
from registry.models import Source
from registry.sources import Row, UnreadableSource

__all__ = ["Finding", "Refused", "Report", "UnreadableSource", "import_records"]


def import_records(
    rows: Iterable[Row],
    *,
    source: Source,
    name: str,
    dry_run: bool = False,
    force: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> Report:
    """Make the mirror of one system equal to `rows`, its whole content.

    `name` is kept in the `ImportRun`; `progress` hears of the rows "read" and the records "written" so far. Raises
    `Refused` when too much would vanish and `force` is not given, and `UnreadableSource`; then, and with `dry_run`,
    nothing has changed.
    """
    plan = make_plan(rows, source=source, progress=progress)
    if not force:
        plan.refuse_great_losses()
    if not dry_run:
        apply(plan, name=name, progress=progress)
    return plan.report
