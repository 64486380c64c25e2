"""Files that are handed over in the administration: checked, kept encrypted until a worker has read them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from registry import encryption
from registry.models import ImportRun, Upload, UploadPiece
from registry.sources import UnreadableSource, workbook

EXTENSIONS = (".csv", ".tsv", ".txt", ".xlsx")
PIECE = 1 << 20
# Of how ZIP archives, which workbooks are, begin: a local file header.
ZIP_SIGNATURE = b"PK\x03\x04"


def check(file: "UploadedFile[bytes]") -> str:
    """The extension of a file that may be one of those that can be read. Raises `UnreadableSource`.

    A workbook that unpacks to far too much is refused here already; everything else shows when it is read.
    """
    extension = PurePath(file.name or "").suffix.lower()
    if extension not in EXTENSIONS:
        raise UnreadableSource(_("The file is neither .csv nor .xlsx."))
    begin = file.read(PIECE)
    file.seek(0)
    if not begin.strip():
        raise UnreadableSource(_("The file is empty."))
    if begin.startswith(ZIP_SIGNATURE) != (extension == ".xlsx") or (extension != ".xlsx" and b"\0" in begin):
        raise UnreadableSource(_("The file is not what the end of its name says."))
    if extension == ".xlsx":
        workbook.refuse_bomb(file)
        file.seek(0)
    return extension


@transaction.atomic
def keep(run: ImportRun, file: "UploadedFile[bytes]", *, extension: str, only_plan: bool) -> Upload:
    """Store the file in encrypted pieces."""
    upload = Upload.objects.create(run=run, extension=extension, size=file.size or 0, only_plan=only_plan)
    file.seek(0)
    for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        UploadPiece.objects.create(upload=upload, number=number, content=encryption.encrypt_bytes(piece))
    return upload


@contextmanager
def opened(upload: Upload) -> Iterator[Path]:
    """The file under a path of this process; it has no name in any directory, so nothing of it outlives the process."""
    with tempfile.TemporaryFile() as file:
        _write(upload, file)
        yield Path(f"/dev/fd/{file.fileno()}")


def _write(upload: Upload, file: IO[bytes]) -> None:
    for piece in upload.pieces.order_by("number").values_list("content", flat=True).iterator(chunk_size=4):
        file.write(encryption.decrypt_bytes(bytes(piece)))
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)


def forget_what_was_read() -> None:
    """Delete the content of files that nobody has to read any more; that there was one stays with the import."""
    unread = (ImportRun.State.QUEUED, ImportRun.State.READING)
    UploadPiece.objects.exclude(upload__run__state__in=unread).delete()
