"""Statements of which the ORM knows no form, in the SQL that SQLite and PostgreSQL share."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model


def execute(statement: str, *values: Any) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def select(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def hurry() -> None:
    """For the rest of the transaction, let PostgreSQL join large tables in memory and compile nothing.

    Also after `look_up_by_key`, where a caller's transaction spans both.
    """
    if connection.vendor == "postgresql":
        _for_this_transaction({"work_mem": "64MB", "jit": "off", "enable_hashjoin": "on", "enable_mergejoin": "on"})


def look_up_by_key() -> None:
    """For the rest of the transaction, let PostgreSQL find each row by its key: a few among a million."""
    if connection.vendor == "postgresql":
        _for_this_transaction(dict.fromkeys(("enable_hashjoin", "enable_mergejoin", "jit"), "off"))


def _for_this_transaction(options: dict[str, str]) -> None:
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in options.items())
    execute(f"SELECT {calls}")


def analyze(*tables: str) -> None:
    """Tell PostgreSQL at once how large the tables have become, instead of a minute later."""
    if connection.vendor == "postgresql":
        execute(f"ANALYZE {', '.join(tables)}")


def moment(time: datetime | None) -> Any:
    """The time as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(time)


def defaults(model: type[Model], *, besides: set[str]) -> dict[str, Any]:
    """What a new row holds in the columns that a statement does not name, the key left out."""
    fields = model._meta.concrete_fields  # noqa: SLF001 Django documents _meta.
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in fields
        if field.column not in besides and not field.primary_key
    }
