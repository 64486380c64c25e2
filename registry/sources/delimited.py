"""Text files of separated values, as spreadsheets and databases export them."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from registry.models import Source
from registry.sources.columns import Header, Reading, Row, UnreadableSource, all_checked, read_header
from registry.sources.encoding import detect

# The type of `csv.reader` has a name only since Python 3.12.3.
Table = Any
DELIMITERS = ",;\t"
# A longer field is a quote that was never closed and has swallowed the rows after it.
LONGEST_FIELD = 8 << 20


def read(path: Path, source: Source | None) -> Reading:
    """Open the file and read its header. Raises `UnreadableSource` and `OSError`."""
    rows = _rows(path, detect(path), source)
    header = next(rows)
    assert isinstance(header, Header)  # noqa: S101 The generator's first item; it keeps the file open for the rest.
    return Reading(header.source, rows)  # type: ignore[arg-type] # Only rows are left.


def _rows(path: Path, encoding: str, source: Source | None) -> Iterator[Header | Row]:
    with path.open(encoding=encoding, newline="") as file:
        header_line = file.readline(LONGEST_FIELD)
        if not header_line.strip():
            raise UnreadableSource(_("The file is empty."))
        # Strict: a quote in the wrong place is an error instead of a guess.
        table = csv.reader(chain([header_line], file), delimiter=_delimiter(header_line), strict=True)
        with _long_fields():
            try:
                first = next(table, [])
            except csv.Error:
                raise _broken(table) from None
            header = read_header(first, source)
            yield header
            yield from _body(table, header)


def _body(table: Table, header: Header) -> Iterator[Row]:
    line = table.line_num + 1
    try:
        for cells in table:
            if any(cells):
                yield line, header.row(all_checked(cells))
            line = table.line_num + 1
    except csv.Error:
        raise _broken(table) from None


def _broken(table: Table) -> UnreadableSource:
    return UnreadableSource(_("The quotes around fields are broken near line %(line)d.") % {"line": table.line_num})


@contextmanager
def _long_fields() -> Iterator[None]:
    """The limit is the process's; others are as well off with a higher one meanwhile."""
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _delimiter(header_line: str) -> str:
    return max(DELIMITERS, key=header_line.count)
