"""One attempt to activate, from the choice of the role to the account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from activation.models.activation_letter import ActivationLetter
from registry.encryption import EncryptedTextField
from registry.models import Affiliation, InsuranceKind, Role


class Activation(models.Model):
    """The truth of an attempt. The browser's session holds only the random key whose digest stands here."""

    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    # The digest before the right PIN changed it: a double click on «Next» still arrives with the old key.
    previous_key_digest = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    language = models.CharField(_("language"), max_length=2)
    address = models.GenericIPAddressField(_("network address"), null=True)

    # 1/4: what was typed, and the record it led to (null while a shared contact waits to be clarified).
    mobile = models.CharField(_("mobile"), max_length=16, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    contact_at = models.DateTimeField(_("contact given at"), null=True)
    affiliation = models.ForeignKey(
        Affiliation, models.CASCADE, null=True, related_name="activations", verbose_name=_("record")
    )

    # The record that it last led to, be it that the record was refused: by it the attempts are counted.
    met = models.ForeignKey(
        Affiliation, models.CASCADE, null=True, related_name="attempts", verbose_name=_("record found")
    )
    # The letter that opened it in place of a contact and a PIN.
    letter = models.ForeignKey(
        ActivationLetter, models.CASCADE, null=True, related_name="activations", verbose_name=_("activation letter")
    )

    # 2/4: the insurance number, where the record has none.
    insurance_kind = models.CharField(_("kind of insurance number"), max_length=8, choices=InsuranceKind, blank=True)
    insurance_number = EncryptedTextField(_("insurance number"), blank=True)
    insurance_country = models.CharField(_("country of the insurance number"), max_length=2, blank=True)
    # Who was asked about the AMKA: where it was only the offline check, the AMKA registry is asked later.
    insurance_source = models.CharField(max_length=8, blank=True, editable=False)
    insurance_current = EncryptedTextField(blank=True, editable=False)
    # Instead of an account the attempt leads to the office that has to mend the record. Its PIN opens nothing else.
    correcting_at = models.DateTimeField(_("asked for a correction at"), null=True)
    pin_verified_at = models.DateTimeField(_("PIN verified at"), null=True)

    # 3/4
    store_contacts = models.BooleanField(_("store contacts for recovery"), default=True)
    disagreed_at = models.DateTimeField(_("disagreed at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    # 4/4
    finished_at = models.DateTimeField(_("finished at"), null=True)

    # See `Reached`.
    reached = models.IntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("activation")
        verbose_name_plural = _("activations")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def record(self) -> Affiliation:
        """The record of an attempt that has found it, as every step after the contact has."""
        if self.affiliation is None:
            raise ValueError("the record of this attempt is not known yet")
        return self.affiliation
