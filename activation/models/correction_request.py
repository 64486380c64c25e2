"""What somebody says is wrong in their record."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from activation.models.activation import Activation
from registry.encryption import EncryptedTextField
from registry.models import Affiliation

LONGEST_REMARK = 500


class CorrectionRequest(models.Model):
    """One field of a record that its person wants corrected: asked, then decided once by the record's office.

    `value` is written as a `Correction` keeps it: a date in ISO 8601, a gender as its number. It is empty where the
    person does not know the right one.
    """

    class Field(models.TextChoices):
        LAST_NAME = "last_name", _("Surname")
        FIRST_NAME = "first_name", _("First name")
        FATHER_NAME = "father_name", _("Father's name")
        BIRTH_DATE = "birth_date", _("Birth date")
        GENDER = "gender", _("Gender")
        AMKA = "amka", _("AMKA")
        INSURANCE_COUNTRY = "insurance_country", _("Country of the AMKA")
        USERNAME = "username", _("Username")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        # The person took it back, or asked for another value of the same field.
        WITHDRAWN = "withdrawn", _("taken back")
        REPLACED = "replaced", _("replaced by a newer one")

    affiliation = models.ForeignKey(
        Affiliation, models.CASCADE, related_name="correction_requests", verbose_name=_("record")
    )
    # Attempts are forgotten within days; what they asked for is not.
    activation = models.ForeignKey(
        Activation, models.SET_NULL, null=True, related_name="correction_requests", verbose_name=_("attempt")
    )
    field = models.CharField(_("field"), max_length=24, choices=Field)
    value = EncryptedTextField(_("right value"), blank=True)
    remark = EncryptedTextField(_("remark"), blank=True)
    # Where the answer goes: what the person proved by a PIN to be theirs.
    language = models.CharField(_("language"), max_length=2)
    mobile = models.CharField(_("mobile"), max_length=16, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    created_at = models.DateTimeField(_("asked at"), auto_now_add=True)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    # What the office tells the person.
    reason = models.CharField(_("answer"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    # Of the link in the message that tells the decision.
    token_digest = models.CharField(max_length=64, blank=True, db_index=True, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("correction request")
        verbose_name_plural = _("correction requests")
        constraints = [
            models.UniqueConstraint(
                fields=["affiliation", "field"], condition=models.Q(state="asked"), name="one_open_request_per_field"
            )
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="correction_request_by_state")]

    def __str__(self) -> str:
        return self.get_field_display()
