"""`manage.py remove_second_factor`: for somebody who has lost the telephone and the recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from accounts import second_factor
from accounts.models import Account


class Command(BaseCommand):
    help = (
        "Removes an account's second factor and ends its sessions; make sure first who asks. The owner is told, and "
        "sets up another one at the next sign-in where the account has rights."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--reason", required=True, help="for the audit trail: who asked, and how you knew them")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['username']}.")
        if not second_factor.is_enrolled(account):
            raise CommandError(f"{account.username} has no second factor.")
        second_factor.take_away(account, reason=options["reason"])
        self.stdout.write(f"{account.username} has no second factor any more.")
