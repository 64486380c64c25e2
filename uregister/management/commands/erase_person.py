"""Forgets a person whom no source lists any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from uregister import privacy
from uregister.management.commands.export_person import person_called


class Command(BaseCommand):
    help = (
        "Forgets a person whom no source lists any more, not even as ended, and who is in no import that waits: "
        "everything is deleted or made empty but the username, which is never given to anybody else, and the audit "
        "trail, which is purged by age."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="username or registration number")
        parser.add_argument("--reason", required=True, help="for the audit trail: the number of the request")
        parser.add_argument("--yes", action="store_true", help="do it; otherwise only say what would be done")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        person = person_called(options["name"])
        if not options["yes"]:
            for model, keys in privacy.rows_about(person).items():
                self.stdout.write(f"{len(keys):6} {model._meta.label}")  # noqa: SLF001 # Django documents _meta.
            self.stdout.write("Nothing was changed. Add --yes to forget the person.")
            return
        try:
            gone = privacy.erase(person, reason=options["reason"])
        except privacy.NotYet as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{gone} rows were deleted, the others hold nothing personal any more.")
