"""The first sheet of a workbook by openpyxl, of which never more is in memory than what follows from its limits.

openpyxl takes the table of texts, styles and everything else by what a workbook says of its parts, and keeps all of it,
and each row as a whole; so it is not their names that are judged but what is unpacked.
"""

import zipfile
from types import TracebackType
from typing import IO, Any, Literal, Self

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from registry.sources import workbook


class Archive(zipfile.ZipFile):
    """Counts the bytes that are unpacked; raises `UnreadableSource` past `most` of them since `kept` was 0."""

    kept = 0
    most = 0

    def open(
        self,
        name: str | zipfile.ZipInfo,
        mode: Literal["r", "w"] = "r",
        pwd: bytes | None = None,
        *,
        force_zip64: bool = False,
    ) -> IO[bytes]:
        return _Counted(super().open(name, mode, pwd, force_zip64=force_zip64), self)  # type: ignore[return-value] # As far as it is used.

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """A part as a whole, of which openpyxl makes objects: they take many times what its XML does."""
        part = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if part.file_size > workbook.LARGEST_PART:
            raise workbook.too_large()
        return super().read(name, pwd)

    def count(self, unpacked: int) -> None:
        self.kept += unpacked
        if self.kept > self.most:
            raise workbook.too_large()


class _Counted:
    """A part while it is unpacked."""

    def __init__(self, part: IO[bytes], archive: Archive) -> None:
        self._part = part
        self._archive = archive

    def read(self, size: int = -1) -> bytes:
        content = self._part.read(size)
        self._archive.count(len(content))
        return content

    def close(self) -> None:
        self._part.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FirstSheet(ReadOnlyWorksheet):
    """A sheet that is not read through beforehand for a size that it may claim wrongly: rows end where they end."""

    def _get_size(self) -> None:
        pass


def first_sheet(archive: Archive) -> Any:
    """The sheet, whose rows are still to be read; None where the workbook has none."""
    archive.kept, archive.most = 0, workbook.LARGEST_TEXTS
    assert archive.fp  # noqa: S101 It is open.
    reader = ExcelReader(archive.fp, read_only=True, keep_links=False)
    reader.archive = archive
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(archive, reader.wb)  # It says which numbers are dates.
    archive.kept, archive.most = 0, workbook.LONGEST_ROW
    for sheet, relation in reader.parser.find_sheets():
        if relation.target in reader.valid_files and "chartsheet" not in relation.Type:
            return FirstSheet(reader.wb, sheet.name, relation.target, reader.shared_strings)
    return None
