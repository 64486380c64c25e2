"""The form with which a file is handed over, and how its content comes in."""

from io import BytesIO
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext_lazy as _

from registry import uploads
from registry.models import Source
from registry.sources import UnreadableSource


class MemoryOnly(FileUploadHandler):
    """The file in memory, since nothing of a person may lie about in a plain one; too large a one is only measured."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= largest():
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )


def largest() -> int:
    """Of a file, in bytes."""
    return settings.IMPORT_MAX_MB << 20


class UploadForm(forms.Form):
    source = forms.ChoiceField(label=_("System"), choices=Source.choices, widget=forms.Select)
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(uploads.EXTENSIONS)}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    only_plan = forms.BooleanField(
        label=_("Plan only, change nothing yet"),
        required=False,
        help_text=_("You look at the plan first and apply it from its page."),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Keeps the file's extension as `extension`."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > largest():
            raise forms.ValidationError(
                _("The file is larger than %(largest)d MB; `manage.py import_registry` takes any size."),
                params={"largest": settings.IMPORT_MAX_MB},
            )
        try:
            self.extension = uploads.check(file)
        except UnreadableSource as error:
            raise forms.ValidationError(str(error)) from None
        return file
