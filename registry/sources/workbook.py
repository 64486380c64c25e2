"""XLSX workbooks: the first sheet, streamed."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from registry.models import Source
from registry.sources.columns import DATES, BadCell, Header, Reading, Row, UnreadableSource, checked, read_header

# A workbook is a ZIP archive: what its parts may unpack to. 100,000 rows of 30 columns need some 200 MB of XML, of
# which 20 MB are the table of texts; openpyxl keeps that in memory, where it takes five times as much.
LARGEST_ARCHIVE = 1 << 30
LARGEST_TEXTS = 64 << 20
# The archive's own table of contents, of each of whose entries Python makes an object: room for two thousand parts.
LARGEST_CONTENTS = 256 << 10
# Styles and other parts of which openpyxl makes objects, up to a hundred times as large; an export's have kilobytes.
LARGEST_PART = 2 << 20
# The XML of a row, which is in memory as a whole, and of what stands before the first or after the last one: links of
# 65,530 e-mail addresses, as many as Excel takes, are the half of it.
LONGEST_ROW = 16 << 20
# XML of true tables packs 10 to 30 times; a bomb packs a thousand times.
HIGHEST_RATIO = 200
MOST_COLUMNS = 500
# What a sheet of Excel can hold.
MOST_ROWS = 1_048_576
SHEET = re.compile(r"/?xl/worksheets/[^/]+\.xml", re.IGNORECASE)


def read(path: Path, source: Source | None) -> Reading:
    """Open the workbook and read its header. Raises `UnreadableSource` and `OSError`."""
    refuse_bomb(path)
    rows = _rows(path, source)
    header = next(rows)
    assert isinstance(header, Header)  # noqa: S101 The generator's first item; it keeps the file open for the rest.
    return Reading(header.source, rows)  # type: ignore[arg-type] # Only rows are left.


def refuse_bomb(path: Path | IO[bytes]) -> None:
    """Judge by the archive's own table of contents. Raises `UnreadableSource`.

    Whether each part is what its name says shows when it is read, see `first_sheet`.
    """
    try:
        with path.open("rb") if isinstance(path, Path) else nullcontext(path) as file:
            parts = zipfile.ZipFile(_Frugal(file)).infolist()
    except (zipfile.BadZipFile, NotImplementedError):  # Damage may look like a version yet to come.
        raise UnreadableSource(_damaged()) from None
    size = sum(part.file_size for part in parts)
    texts = sum(part.file_size for part in parts if not SHEET.fullmatch(part.filename))
    ratio = size / max(1, sum(part.compress_size for part in parts))
    if size > LARGEST_ARCHIVE or texts > LARGEST_TEXTS or (ratio > HIGHEST_RATIO and size > 10 << 20):
        raise too_large()


class _Frugal:
    """A file of which not much may be read at once.

    zipfile reads an archive's table of contents in one piece, as long as its end says, before anybody can look at it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self._read = file.seek, file.tell, file.read

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_CONTENTS:
            raise too_large()
        return self._read(size)


def too_large() -> UnreadableSource:
    return UnreadableSource(_("The workbook unpacks to far more than a table of people needs."))


def _damaged() -> str:
    return _("The workbook is damaged or is no .xlsx file.")


def _rows(path: Path, source: Source | None) -> Iterator[Header | Row]:
    try:
        yield from _table(path, source)
    except (UnreadableSource, OSError, GeneratorExit):
        raise
    except Exception:  # noqa: BLE001 openpyxl lets through whatever its XML, ZIP and date parsers meet in damaged files.
        raise UnreadableSource(_damaged()) from None


def _table(path: Path, source: Source | None) -> Iterator[Header | Row]:
    # From the open file: openpyxl would judge a path by how its name ends.
    with path.open("rb") as file:
        yield from _sheet(file, source)


def _sheet(file: IO[bytes], source: Source | None) -> Iterator[Header | Row]:
    from registry.sources.first_sheet import Archive, first_sheet  # noqa: PLC0415 # openpyxl takes long, and few need it.

    with Archive(file) as archive:
        with warnings.catch_warnings():
            # It warns of styles and extensions that it leaves out; none of them holds data.
            warnings.simplefilter("ignore", UserWarning)
            sheet = first_sheet(archive)
        if sheet is None:
            raise UnreadableSource(_damaged())
        rows = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1)
        header = read_header([_header_cell(cell.value) for cell in next(rows, (1, ()))[1]], source)
        yield header
        for line, cells in rows:
            archive.kept = 0
            if line > MOST_ROWS:
                raise UnreadableSource(_("The workbook has more rows than a spreadsheet can hold."))
            if any(cell.value is not None for cell in cells):
                yield line, _row(cells, header)


def _header_cell(value: Any) -> str:
    return "" if value is None else str(value)


def _row(cells: tuple[Any, ...], header: Header) -> dict[str, str]:
    used = {name: _text(cells[place], name) for name, place in header.places if place < len(cells)}
    return {name: used.get(name, "") for name, _place in header.places}


def _text(cell: Any, column: str) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return BadCell(_("The field is a formula."))
    if cell.data_type == "e":
        return BadCell(_("The field is an error of the spreadsheet."))
    if isinstance(value, date):
        return _date_text(value, column)
    # Numbers are stored as floating point: 306900000001.0 was typed as 306900000001.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return checked(str(value))


def _date_text(value: date, column: str) -> str:
    if column not in DATES:
        return BadCell(_("The spreadsheet made a date of the field."))
    return (value.date() if isinstance(value, datetime) else value).isoformat()
