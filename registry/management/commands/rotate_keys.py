"""Brings everything under the newest data key, so that older ones may be taken away."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser, no_translations

from registry import rekeying
from registry.management import status_line


class Command(BaseCommand):
    help = (
        "Brings everything that older keys of UREGISTER_DATA_KEYS encrypted under the first one. The service runs "
        "meanwhile, if every process knows the new key before any writes with it: put it behind the others and "
        "restart all processes, then in front and restart all again; then run this. Afterwards the older ones may go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is still under an older key")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            changed = rekeying.rekey(self._show if self.stderr.isatty() else None)
            self.stdout.write(f"{changed} values were brought under the newest key.")
        plans = rekeying.plans_under_older_keys()
        left = rekeying.under_older_keys()
        if plans:
            numbers = ", ".join(str(run.pk) for run in plans)
            self.stdout.write(
                f"Imports {numbers} are being read or wait with what an older key has encrypted: apply them or give "
                "them up in the administration, then run the command again."
            )
        if left:
            self.stdout.write(f"{left} values are still under an older key; run the command again.")
        if plans or left:
            return
        if len(settings.DATA_KEYS) > 1:
            self.stdout.write("Nothing needs the older keys of UREGISTER_DATA_KEYS any more.")
        else:
            self.stdout.write("There is one key only, and everything is under it.")

    def _show(self, field: str, number: int) -> None:
        status_line.show(self.stderr, f"{field}: {number:,}")
