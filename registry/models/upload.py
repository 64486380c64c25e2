"""A file that somebody has handed over, until it has been read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.import_run import ImportRun


class Upload(models.Model):
    """Web and workers share nothing but the database, so the file waits there, encrypted, in pieces."""

    run = models.OneToOneField(ImportRun, models.CASCADE, primary_key=True, related_name="upload")
    # Of the file's name, such as ".csv".
    extension = models.CharField(max_length=5)
    size = models.PositiveIntegerField(help_text=_("bytes"))
    only_plan = models.BooleanField(_("plan only, change nothing"), default=False)

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")

    def __str__(self) -> str:
        return f"{self.run_id}{self.extension}"


class UploadPiece(models.Model):
    """A piece of the file, encrypted."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="one_piece_of_an_upload")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.number}"
