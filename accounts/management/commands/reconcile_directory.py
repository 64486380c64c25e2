"""`manage.py reconcile_directory`: exit status 0 equal, 1 something differs and was not repaired, 2 no directory."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from accounts.directory import DirectoryAway, Refused
from accounts.directory.reconcile import Report, compare, repair
from registry.management import status_line

MOST_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Compares every account with the directory and has what is missing or different written; entries of nobody "
        "are told and left alone. Exit status 0: all is equal now; 1: something still differs; 2: no directory."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="compare and report, change nothing")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DIRECTORY:
            raise CommandError("UREGISTER_DIRECTORY_URL is not set: there is no directory.", returncode=2)
        try:
            report = compare(progress=self._progress("entries compared"))
        except (DirectoryAway, Refused) as error:
            raise CommandError(f"The directory cannot be read: {error}", returncode=2) from None
        if options["dry_run"]:
            report.unrepaired = report.missing + report.different
        else:
            repair(report, progress=self._progress("entries repaired"))
        self._print(report, as_json=options["json"])
        if report.unrepaired:
            raise CommandError(f"{report.unrepaired} accounts differ from the directory.", returncode=1)

    def _progress(self, what: str) -> Callable[[int], None] | None:
        count = status_line.counter(self.stderr)
        return (lambda number: count(number, what)) if count else None

    def _print(self, report: Report, *, as_json: bool) -> None:
        status_line.clear(self.stderr)
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for name, number in report.counts().items():
            self.stdout.write(f"{name}: {number}")
        for name, number in report.attributes.most_common():
            self.stdout.write(f"  {name}: {number}")
        for username, what, attributes in report.findings[:MOST_SHOWN]:
            self.stdout.write(f"{what}: {username} {' '.join(attributes)}".rstrip())
        if len(report.findings) > MOST_SHOWN:
            self.stdout.write(f"… and {len(report.findings) - MOST_SHOWN} more; --json lists all.")
