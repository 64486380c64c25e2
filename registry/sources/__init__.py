"""Rows out of the files and views that secretariats hand over: `(line, {standard column name: text})`.

Whatever the source is made of, an importer sees the same: text under GUnet's column names, dates in ISO 8601 or as
they were typed, and `BadCell` where a cell can't be text.
"""

from pathlib import Path

from django.utils.translation import gettext as _

from registry.models import Source
from registry.sources import delimited, workbook
from registry.sources.columns import BadCell, Reading, Row, UnreadableSource

__all__ = ["BadCell", "Reading", "Row", "UnreadableSource", "open_source"]


def open_source(path: str | Path, source: Source | None = None, *, extension: str = "") -> Reading:
    """Open a `.csv` (also `.txt`, `.tsv`) or `.xlsx` file and read its header; iterate over the result for its rows.

    `extension` stands for that of the path where it has none. Without `source` the header tells which system it is.
    Raises `UnreadableSource`, also during iteration.
    """
    path = Path(path)
    readers = {".csv": delimited.read, ".tsv": delimited.read, ".txt": delimited.read, ".xlsx": workbook.read}
    read = readers.get(extension or path.suffix.lower())
    if read is None:
        raise UnreadableSource(_("The file is neither .csv nor .xlsx."))
    if not path.is_file():
        raise UnreadableSource(_("There is no such file."))
    try:
        return read(path, source)
    except OSError as error:
        raise UnreadableSource(_("The file cannot be read: %(problem)s.") % {"problem": error.strerror}) from None
