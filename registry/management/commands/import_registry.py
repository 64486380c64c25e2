"""`manage.py import_registry SOURCE`: exit status 0 done, 1 refused by a guard rail, 2 unreadable source."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from registry.importing import Refused, Report, UnreadableSource, import_records
from registry.management import status_line
from registry.models import ImportRun, Source
from registry.sources import Reading, open_source, views

MOST_SHOWN = 50
PHASES = {"read": "rows read", "written": "records written"}


class Command(BaseCommand):
    help = "Mirrors the whole content of the student or personnel system, from a file or a database view."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="a .csv or .xlsx file, or `view` for the database view")
        parser.add_argument("--kind", choices=list(Source.values), help="whose file it is; else the header tells")
        parser.add_argument("--dry-run", action="store_true", help="plan and report, change nothing")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
        parser.add_argument("--force", action="store_true", help="import even if too many records would vanish")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        progress = self._progress()
        try:
            with closing(_open(options["source"], options["kind"])) as reading:
                report = import_records(
                    reading,
                    source=reading.source,
                    name=Path(options["source"]).name,
                    dry_run=options["dry_run"],
                    force=options["force"],
                    updated_until=reading.mark,
                    origin=ImportRun.Origin.VIEW if options["source"] == "view" else ImportRun.Origin.FILE,
                    progress=progress,
                )
        except UnreadableSource as error:
            raise CommandError(str(error), returncode=2) from None
        except Refused as error:
            self._print(error.report, as_json=options["json"])
            raise CommandError(f"{error} Nothing was changed.", returncode=1) from None
        self._print(report, as_json=options["json"])

    def _progress(self) -> Callable[[str, int], None] | None:
        count = status_line.counter(self.stderr)
        return (lambda phase, number: count(number, PHASES[phase])) if count else None

    def _print(self, report: Report, *, as_json: bool) -> None:
        status_line.clear(self.stderr)
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for name, number in report.counts().items():
            self.stdout.write(f"{name}: {number}")
        for name, number in report.changed_fields.most_common():
            self.stdout.write(f"  {name}: {number}")
        self._print_findings("rejected", report.rejections)
        self._print_findings("warning", report.warnings)

    def _print_findings(self, title: str, findings: list[Any]) -> None:
        for line, column, reason in findings[:MOST_SHOWN]:
            self.stdout.write(f"{title}: line {line}, {column}: {reason}")
        if len(findings) > MOST_SHOWN:
            self.stdout.write(f"… and {len(findings) - MOST_SHOWN} more; --json lists all.")


def _open(source: str, kind: str | None) -> Reading:
    if source == "view":
        return views.open_view(Source(kind) if kind else views.only_one())
    return open_source(source, Source(kind) if kind else None)
