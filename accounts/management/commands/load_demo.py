"""Loads the demo cohort and its users, and says who they are."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations

from registry import importing
from registry.demo import loading
from registry.demo.people import CASES


class Command(BaseCommand):
    help = "Loads the demo cohort through the importer, and the demo's users; in any mode but production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"), help="port of the addresses printed")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo's people and passwords are not for production; nothing was loaded")
        from accounts.demo import staff  # noqa: PLC0415 # Its app is not installed in production.

        try:
            loading.load_cohort()
        except importing.Refused as refusal:
            raise CommandError(f"the demo cohort was not loaded: {refusal}") from None
        staff.create_users()
        users = [(str(user.title), user.username, user.password, user.second_factor) for user in staff.USERS]
        self._print(people_lines())
        self._print(table([("Desk", "Username", "Password", "Second factor"), *users]))
        self._print(address_lines(f"http://127.0.0.1:{options['port']}"))

    def _print(self, lines: Iterator[str]) -> None:
        self.stdout.write("\n".join(["", *lines]))


def people_lines() -> Iterator[str]:
    """The fixed people: mobile, e-mail, what happens when they activate."""
    people = [(case.person.mobile, case.person.email or "–", str(case.text)) for case in CASES]
    return table([("Mobile", "E-mail", "Case"), *people])


def address_lines(start: str) -> Iterator[str]:
    """Where to go in a browser; the demo's own pages are there in the demo mode only."""
    addresses = [("Activation", f"{start}/"), ("Administration", f"{start}/admin/")]
    if settings.DEMO:
        addresses += [("People to try", f"{start}/demo/"), ("Phone and mailbox", f"{start}/demo/inbox/")]
    return table(addresses)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as lines with aligned columns, the last one ragged."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
