"""Tables for spreadsheets, as CSV and XLSX: Greek intact, zeros and plus signs in front kept, no cell a formula.

Whoever opens an export must not run what somebody typed into a record. A text that a spreadsheet would take for a
formula is stored as text in XLSX; CSV knows no types, so there an apostrophe stands before it (OWASP, "CSV
Injection"). CSV is written with a byte order mark and semicolons, as a Greek Excel wants it, and every cell in
quotation marks. Excel drops the zeros in front of digits in a CSV: for spreadsheets XLSX is the better one.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BYTE_ORDER_MARK = "\ufeff"
# Full-width ones too, which some spreadsheets read as the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What Excel does not allow in a sheet's name, and how long one may be.
NOT_IN_TITLES, LONGEST_TITLE = re.compile(r"[\[\]:*?/\\]"), 31
TEXT, DAY, MOMENT = "@", "DD/MM/YYYY", "DD/MM/YYYY HH:MM"
# Of columns, in characters.
NARROWEST, WIDEST = 12, 48

Row = Sequence[object]


@dataclass(frozen=True)
class Sheet:
    """A table: texts, whole numbers, dates and times in rows under the columns' names. `rows` is read once."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Row]


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


def write_xlsx(target: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write the tables as a workbook, row by row: memory does not grow with them."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        page = workbook.create_sheet(NOT_IN_TITLES.sub(" ", sheet.title)[:LONGEST_TITLE])
        page.freeze_panes = "A2"
        for number, name in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(number)].width = min(WIDEST, max(NARROWEST, len(name) + 4))
        page.append([_heading(page, name) for name in sheet.columns])
        for row in sheet.rows:
            page.append([_xlsx_cell(page, value) for value in row])
    workbook.save(target)


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
    text = _text(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _xlsx_cell(page: Any, value: object) -> Any:
    if isinstance(value, datetime):
        return _formatted(page, timezone.localtime(value).replace(tzinfo=None), MOMENT)
    if isinstance(value, date):
        return _formatted(page, value, DAY)
    if isinstance(value, int):
        return value
    text = _text(value)
    if not text:
        return None
    cell = _formatted(page, text, TEXT)
    # Of a text that begins with "=", openpyxl makes a formula.
    cell.data_type = "s"
    return cell


def _formatted(page: Any, value: Any, form: str) -> Any:
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = form
    return cell


def _heading(page: Any, name: str) -> Any:
    cell = _xlsx_cell(page, name)
    cell.font = Font(bold=True)
    return cell


def _text(value: object) -> str:
    """As text, without the control characters that no XML file can hold."""
    return "" if value is None else ILLEGAL_CHARACTERS_RE.sub("", str(value))
