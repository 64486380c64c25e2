"""Rows on their way into the mirror wait in tables of the database, so that statements move them and not Python.

seen        names every row of the source that was read, until the plan is made
staged      what new and changed rows say, until the plan is applied or given up
nameless    temporary: the persons of new records without an identity

They belong to one import, because a table can be dropped at no cost. On PostgreSQL the first two are unlogged: a plan
that a crash of the server takes is made anew. They are no temporary tables there, since a plan is made in many
transactions and PgBouncer may give each of them another connection; `nameless` lives within one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from registry import encryption, insurance
from registry.importing.merging import FIELDS, derived
from registry.importing.records import SAID
from registry.importing.statements import execute, select

# In the order in which they stand in the table; what a row decides, and what follows from it.
DERIVED = ("insurance_digest", "amka_flaw", "mobile", "email", "search_name", "search_name_latin")
IMPORTED = (*SAID, *DERIVED, "source_digest")
# `record` is the mirror's key, empty for one that is not there yet; `fresh` rows count as added, `different` ones
# change something that people see; `identity` is that of the person to whom a new record belongs.
OWN = {
    "line": "integer",
    "record": "bigint",
    "fresh": "boolean",
    "different": "boolean",
    "system_id": "varchar(64)",
    "registration_number": "varchar(64)",
    "department": "varchar(32)",
    "identity": "varchar(64)",
}
SEEN = {"line": "integer", "system_id": "varchar(64)", "registration_number": "varchar(64)", "digest": "varchar(64)"}
PREFIXES = STAGED_PREFIX, SEEN_PREFIX = ("registry_staged_", "registry_seen_")
Line = Sequence[str | None]


@dataclass(slots=True)
class Record:
    """A row understood: its key, what it says about each field, the digest of the row itself.

    `record` and `fresh` are the mirror's key of the record and whether the row is counted as added.
    """

    line: int
    key: tuple[str, str]
    digest: str
    department: str
    said: dict[str, Any]
    record: int | None = None
    fresh: bool = True
    # Of the person to whom a new record belongs; by default what the record says, under the newest key.
    identity: str | None = None


@dataclass(frozen=True)
class Staging:
    """The tables of one import, by the key of its `ImportRun`."""

    run: int

    @property
    def staged(self) -> str:
        return f"{STAGED_PREFIX}{self.run}"

    @property
    def seen(self) -> str:
        return f"{SEEN_PREFIX}{self.run}"

    @property
    def tables(self) -> tuple[str, str]:
        return self.staged, self.seen

    def create(self) -> None:
        self.drop()
        kind, passing = ("UNLOGGED", "UNLOGGED") if connection.vendor == "postgresql" else ("", "TEMPORARY")
        columns = OWN | {name: str(FIELDS[name].db_type(connection)) for name in IMPORTED}
        execute(f"CREATE {kind} TABLE {self.staged} ({_declared(columns)})")
        # Its lines ascend: an index costs little, and each batch is found by it.
        execute(f"CREATE {passing} TABLE {self.seen} ({_declared(SEEN)}, PRIMARY KEY (line))")

    @property
    def nameless(self) -> str:
        return f"nameless_{self.run}"

    def complete(self) -> None:
        """All rows have come: let SQLite, which joins row by row only, find them. PostgreSQL has no use for it."""
        if connection.vendor == "sqlite":
            execute(f"CREATE INDEX temp.{self.seen}_by_key ON {self.seen} (system_id, registration_number)")
            execute(f"CREATE INDEX {self.staged}_by_record ON {self.staged} (record)")

    def has_seen(self) -> int:
        """How many rows are noted; fewer than were, once PostgreSQL has emptied the table after a crash."""
        [(number,)] = select(f"SELECT COUNT(*) FROM {self.seen}")
        return int(number)

    def forget_seen(self) -> None:
        execute(f"DROP TABLE IF EXISTS {self.seen}")

    def name_nameless(self, key: str) -> None:
        """Give each new record without an identity the key of a person who is to be; `key` is an expression."""
        execute(
            f"CREATE TEMPORARY TABLE {self.nameless} AS SELECT line, {key} AS person FROM {self.staged} "
            "WHERE record IS NULL AND identity IS NULL"
        )

    def forget_nameless(self) -> None:
        execute(f"DROP TABLE IF EXISTS {self.nameless}")

    def drop(self) -> None:
        self.forget_seen()
        execute(f"DROP TABLE IF EXISTS {self.staged}")

    def note_seen(self, rows: list[Line]) -> None:
        _load(self.seen, list(SEEN), rows)

    def write(self, records: Iterable[Record], *, different: bool = True) -> None:
        """Stage what the rows say; `different` rows change something that people see."""
        _load(self.staged, [*OWN, *IMPORTED], [_line(record, different=different) for record in records])

    def is_there(self) -> bool:
        return self.staged in connection.introspection.table_names()

    def holds(self, records: Iterable[int], identities: Iterable[str]) -> bool:
        """Whether a row of one of these records waits, or of a new one of whoever has one of the identities."""
        wanted = [("record", key) for key in records] + [("identity", identity) for identity in identities]
        if not wanted or not self.is_there():
            return False
        either = " OR ".join(f"{column} = %s" for column, _value in wanted)
        values = [value for _column, value in wanted]
        return bool(select(f"SELECT 1 FROM {self.staged} WHERE {either} LIMIT 1", *values))

    def token(self) -> str:
        """One of the encrypted numbers; "" where none waits. One process, under one key, has staged all of them."""
        if not self.is_there():
            return ""
        found = select(f"SELECT insurance_number FROM {self.staged} WHERE insurance_number <> '' LIMIT 1")
        return str(found[0][0]) if found else ""

    def remove(self, records: list[int]) -> None:
        """Take the rows of these few records of the mirror out again."""
        execute(f"DELETE FROM {self.staged} WHERE record IN ({', '.join(map(str, records))})")


def _declared(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _load(table: str, columns: list[str], rows: list[Line]) -> None:
    """Rows of text into a table; None is null. No text holds tabs or line ends: no record may."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(_copy_text(rows))
        else:
            blanks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({blanks})", rows)


def _copy_text(rows: list[Line]) -> str:
    """The text format of COPY. NUL, which no text can hold, stands for null until backslashes are doubled."""
    lines = ["\t".join(["\0" if value is None else value for value in row]) for row in rows]
    lines.append("")
    return "\n".join(lines).replace("\\", "\\\\").replace("\0", "\\N")


def _line(record: Record, *, different: bool) -> Line:
    said = record.said
    values = said | derived(said)
    number = values["insurance_number"]
    values["insurance_number"] = encryption.encrypt(number) if number else ""
    values["source_digest"] = record.digest
    identity = record.identity
    if record.record is None and identity is None:
        identity = insurance.identity(said["insurance_country"], number, said["birth_date"])
    own = (
        str(record.line),
        None if record.record is None else str(record.record),
        "1" if record.fresh else "0",
        "1" if different else "0",
        *record.key,
        record.department,
        identity,
    )
    said_values = [values[name] for name in IMPORTED]
    return [*own, *[value if value.__class__ is str else _text(value) for value in said_values]]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(int(value)) if isinstance(value, int) else str(value)
