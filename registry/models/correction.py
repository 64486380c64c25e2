"""What somebody here knows better than a record's source."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.encryption import EncryptedTextField
from registry.models.affiliation import Affiliation


class Correction(models.Model):
    """A field of a record that somebody here knows better than its source, kept until the source agrees.

    An import leaves the field alone while the source still says `source_value`. Values are encrypted because the
    insurance number is among the fields.
    """

    class Origin(models.TextChoices):
        PERSON = "person", _("the person, while activating")
        OFFICE = "office", _("the secretariat")

    affiliation = models.ForeignKey(Affiliation, models.CASCADE, related_name="corrections", verbose_name=_("record"))
    field = models.CharField(_("field"), max_length=32)
    source_value = EncryptedTextField(_("value in the source"), blank=True)
    value = EncryptedTextField(_("corrected value"), blank=True)
    origin = models.CharField(_("by"), max_length=8, choices=Origin)
    # The username of who corrected it last; empty for the person.
    author = models.CharField(_("username"), max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    # What the person typed is the office's to confirm; what the office itself wrote needs no confirmation.
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    # When it was last handed to those who keep the source.
    exported_at = models.DateTimeField(_("exported at"), null=True, blank=True)

    class Meta:
        permissions = [("export_insurance", _("May export whole insurance numbers"))]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(fields=["affiliation", "field"], name="one_correction_per_field"),
        ]

    def __str__(self) -> str:
        return self.field
