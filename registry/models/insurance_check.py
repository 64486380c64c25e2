"""An AMKA that is not settled yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.encryption import EncryptedTextField
from registry.models.affiliation import Affiliation


class InsuranceCheck(models.Model):
    """An AMKA that the AMKA registry has still to confirm, or has contradicted: work for the secretariat."""

    class State(models.TextChoices):
        PENDING = "pending", _("to be asked")
        AGREED = "agreed", _("confirmed by the AMKA registry")
        DISAGREED = "disagreed", _("contradicted by the AMKA registry")
        REPLACED = "replaced", _("confirmed, but replaced by another number")

    affiliation = models.OneToOneField(
        Affiliation, models.CASCADE, related_name="insurance_check", verbose_name=_("record")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    current_number = EncryptedTextField(_("current number"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of an AMKA")
        verbose_name_plural = _("checks of AMKAs")

    def __str__(self) -> str:
        return self.get_state_display()
