"""Files that somebody sends to a page that takes none."""

from typing import Any, NoReturn

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class NoFiles(FileUploadHandler):
    """Reads past them: Django would write whatever anybody sends into files on the disk, however much it is."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called for a file that is skipped."""

    def file_complete(self, file_size: int) -> None:
        """Never called for a file that is skipped."""
