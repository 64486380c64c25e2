"""Django's `migrate`, behind which the service never waits for a lock.

A change of a table waits until everybody who uses the table has finished, an import for instance, and whoever comes
later waits behind it, be it only to read. So on PostgreSQL a migration gives up at once and is tried again later.
"""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

# Shorter than PostgreSQL's `deadlock_timeout` (1 s): of two that wait for one another it is the migration that ends.
WAIT = "500ms"
TRIES, PAUSE = 200, 3.0  # seconds
# Of PostgreSQL, appendix A: lock_not_available, deadlock_detected.
GIVEN_UP = ("55P03", "40P01")


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        for _turn in range(TRIES):
            try:
                with connections[options["database"]].execute_wrapper(impatient):
                    super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in GIVEN_UP:
                    raise
                self.stderr.write(f"\nOthers use the table. Tried again in {PAUSE:g} s; the service goes on meanwhile.")
                time.sleep(PAUSE)
            else:
                return
        raise CommandError("A transaction uses the table for too long. Find it in pg_stat_activity, and migrate again.")


def impatient(execute: Any, sql: Any, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Each transaction waits for a lock no longer than `WAIT`; what is outside one hinders nobody while it waits."""
    connection = context["connection"]
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.connection.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
    return execute(sql, params, many, context)
