"""Exports as XLSX, see `registry.exports`. Imported where one is written only: openpyxl takes long to load."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from registry.exports import Sheet, text_of

# What Excel does not allow in a sheet's name, and how long one may be.
NOT_IN_TITLES, LONGEST_TITLE = re.compile(r"[\[\]:*?/\\]"), 31
TEXT, DAY, MOMENT = "@", "DD/MM/YYYY", "DD/MM/YYYY HH:MM"
# Of columns, in characters.
NARROWEST, WIDEST = 12, 48


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


def _xlsx_cell(page: Any, value: object) -> Any:
    if isinstance(value, datetime):
        return _formatted(page, timezone.localtime(value).replace(tzinfo=None), MOMENT)
    if isinstance(value, date):
        return _formatted(page, value, DAY)
    if isinstance(value, int):
        return value
    text = text_of(value)
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
