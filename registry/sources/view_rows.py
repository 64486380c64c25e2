"""Database views: `v_vd_sis` and `v_vd_hrms`, read as a stream.

Where the view has a column `updated`, a reading can be limited to what changed since an earlier one. What that one
had seen last is its mark; somewhat earlier changes are read again, because a transaction at the source may end, and
show its rows, after a later one has been seen.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _
from sqlalchemy import ColumnElement, Connection, Select, column, false, func, literal_column, select, table

from registry.models import Source
from registry.sources import databases
from registry.sources.columns import (
    DATES,
    BadCell,
    Header,
    Row,
    UnreadableSource,
    checked,
    name_at_site,
    read_header,
)  # fmt: skip

# Rows that the database hands over at a time.
FETCHED = 2_000
# What drivers say when they get no connection, some without a code.
KNOWN_WORDS = (
    "password authentication failed", "access denied", "connection refused", "timeout expired", "timed out",
    "certificate verify failed", "does not support ssl", "no pg_hba.conf entry", "could not translate host name",
    "unable to open database file", "no such table",
)  # fmt: skip
# How far before the newest change that was seen the next reading begins.
OVERLAP = timedelta(hours=1)


@dataclass
class Opened:
    complete: bool
    mark: str


def read(view: dict[str, str], source: Source, since: str) -> Iterator[Opened | Row]:
    """Whatever the database or its driver objects to becomes one line of ours, without the error it came from."""
    try:
        yield from _table(view, source, since)
    except (UnreadableSource, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 Drivers let through what they meet: TLS, unknown types, broken numbers.
        problem = _problem(error)
    else:
        return
    shown = {"view": view["NAME"], "problem": problem}
    raise UnreadableSource(_("The view %(view)s can't be read: %(problem)s.") % shown)


def _table(view: dict[str, str], source: Source, since: str) -> Iterator[Opened | Row]:
    with databases.engine(view).connect() as connection:
        databases.begin_reading(connection)
        schema, _dot, name = view["NAME"].rpartition(".")
        target = table(name, schema=schema or None)
        names = list(connection.execute(select(literal_column("*")).select_from(target).where(false())).keys())
        header = read_header(names, source)
        updated = _column_of_changes(names, source)
        mark = _newest(connection, select(func.max(updated)).select_from(target)) if updated is not None else ""
        used: list[ColumnElement[Any]] = [column(names[place]) for _name, place in header.places]
        wanted: Select[Any] = select(*used).select_from(target)
        # A column that has become another type since can't be compared with what it was.
        complete = updated is None or not (mark and since and json.loads(mark)[0] == json.loads(since)[0])
        if updated is not None and not complete:
            wanted = wanted.where(updated >= _beginning(since))
        yield Opened(complete, mark)
        yield from _body(connection, wanted, header)


def _body(connection: Connection, wanted: Select[Any], header: Header) -> Iterator[Row]:
    used = [name for name, _place in header.places]
    result = connection.execution_options(stream_results=True, yield_per=FETCHED).execute(wanted)
    for line, cells in enumerate(result, start=1):
        yield line, {name: text_of(cell, name) for name, cell in zip(used, cells, strict=True)}


def _column_of_changes(names: list[str], source: Source) -> ColumnElement[Any] | None:
    wanted = name_at_site("updated", source).casefold()
    found = next((name for name in names if name.strip().casefold() == wanted), None)
    return None if found is None else column(found)


def _newest(connection: Connection, query: Any) -> str:
    """The latest change as a mark: what type it is and the value; "" where it is no time, or far too long for one."""
    value = connection.execute(query).scalar()
    if isinstance(value, datetime):
        return json.dumps(["datetime", value.isoformat()])
    if isinstance(value, date):
        return json.dumps(["date", value.isoformat()])
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return json.dumps(["number", str(value)])
    return json.dumps(["text", value]) if isinstance(value, str) and 0 < len(value) <= 40 else ""


def _beginning(mark: str) -> Any:
    """The value to begin with. Text and numbers have no known unit of time, so there is no overlap."""
    kind, value = json.loads(mark)
    if kind == "datetime":
        return datetime.fromisoformat(value) - OVERLAP
    if kind == "date":
        return date.fromisoformat(value)
    return Decimal(value) if kind == "number" else value


def text_of(value: Any, name: str) -> str:
    """A cell as a file would hold it: nothing as "", days in ISO 8601, whole numbers without a fraction."""
    if value is None:
        return ""
    if value.__class__ is str:
        # MySQL's way of writing that a day is not known.
        return "" if value == "0000-00-00" else checked(value)
    if isinstance(value, bytes | bytearray | memoryview):
        try:
            value = bytes(value).decode()
        except UnicodeDecodeError:
            return BadCell(_("The field is no text."))
    if isinstance(value, datetime) and name in DATES:
        value = value.date()
    if isinstance(value, float | Decimal) and isfinite(value) and value == int(value):
        value = int(value)
    return checked(value.isoformat() if isinstance(value, date) else str(value))


def _problem(error: Exception) -> str:
    """The kind of error, the driver's code, and which of the known words it used: never its own text.

    Codes are numbers of MySQL and MariaDB, SQLSTATE of PostgreSQL, ORA-… or DPY-… of Oracle.
    """
    original = getattr(error, "orig", None) or error
    first = original.args[0] if original.args else ""
    code = first if isinstance(first, int) else getattr(original, "sqlstate", None) or getattr(first, "full_code", None)
    text = str(original).lower()
    words = next((words for words in KNOWN_WORDS if words in text), None)
    return ", ".join(str(part) for part in (original.__class__.__name__, code, words) if part)
