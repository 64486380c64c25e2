"""The database of a university with the secretariat's view in it: what a site's own columns and types may look like."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# What is no text at a site that stores dates and numbers as such.
TYPES = {"birthDate": "date", "enrollmentStatusDate": "date", "gender": "smallint", "enrollmentTerm": "integer"}


def statements(
    rows: Iterable[dict[str, str]], *, name: str, quote: str, case: Callable[[str], str], types: dict[str, str] = TYPES
) -> list[str]:
    """A table of the rows, and the view `name` on it with its columns in the site's case.

    Rows may have `updated`, a time in ISO 8601. Empty values are NULL, as databases have them.
    """
    rows = list(rows)
    columns = list(rows[0])

    def quoted(text: str) -> str:
        return f"{quote}{text}{quote}"

    types = {"updated": "timestamp"} | types
    table = quoted(f"{name}_rows")
    declared = ", ".join(f"{quoted(case(column))} {types.get(column, 'varchar(200)')} NULL" for column in columns)
    literals = [
        "(" + ", ".join("NULL" if not row[column] else f"'{row[column]}'" for column in columns) + ")" for row in rows
    ]
    return [
        f"CREATE TABLE {table} ({declared})",
        f"INSERT INTO {table} VALUES {', '.join(literals)}",
        f"CREATE VIEW {quoted(name)} AS SELECT * FROM {table}",
    ]


def sqlite_view(path: Path, rows: Iterable[dict[str, str]], *, name: str = "v_vd_sis") -> dict[str, str]:
    """An SQLite file with the view, as an entry of `settings.VIEWS`; made anew if it is there."""
    path.unlink(missing_ok=True)
    run(sqlite3.connect(path), statements(rows, name=name, quote='"', case=str))
    return {"URL": f"sqlite:///{path}", "NAME": name, "TLS": "off", "CA": ""}


def run(connection: Any, statements: Iterable[str]) -> None:
    """Any driver's connection; it is closed."""
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    connection.commit()
    connection.close()
