"""Tables for spreadsheets, as CSV and XLSX: Greek intact, zeros and plus signs in front kept, no cell a formula.

Whoever opens an export must not run what somebody typed into a record. A text that a spreadsheet would take for a
formula is stored as text in XLSX (`registry.workbooks`); CSV knows no types, so there an apostrophe stands before it
(OWASP, "CSV Injection"). CSV is written with a byte order mark and semicolons, as a Greek Excel wants it, and every
cell in quotation marks. Excel drops the zeros in front of digits in a CSV: for spreadsheets XLSX is the better one.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BYTE_ORDER_MARK = "\ufeff"
# Full-width ones too, which some spreadsheets read as the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What no XML file can hold, and therefore no workbook.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Row = Sequence[object]


@dataclass(frozen=True)
class Sheet:
    """A table: texts, whole numbers, dates and times in rows under the columns' names. `rows` is read once."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Row]


def text_of(value: object) -> str:
    """As text, without the control characters that no workbook can hold."""
    return "" if value is None else CONTROL_CHARACTERS.sub("", str(value))


def csv_lines(sheet: Sheet) -> Iterator[bytes]:
    """The table as a CSV file, line by line."""
    yield BYTE_ORDER_MARK.encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_csv_cell(name) for name in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(value) for value in row])
        if buffer.tell() > io.DEFAULT_BUFFER_SIZE:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int):
        return str(value)
    text = text_of(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
