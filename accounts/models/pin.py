"""A one-time code sent to a person."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.models import Person

MOST_TRIES = 5


class Pin(models.Model):
    """One PIN of six digits, as a keyed hash. Its rules stand in `accounts.pins`."""

    class Purpose(models.TextChoices):
        ACTIVATION = "activation", _("activation")
        RECOVERY = "recovery", _("forgotten password")
        CONTACT = "contact", _("new contact")
        CORRECTION = "correction", _("correction of a record")
        CALLER = "caller", _("identification at the helpdesk")

    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    # The attempt, in one browser session, that it belongs to: a digest of the key that only that session holds.
    binding = models.CharField(max_length=64)
    # Null for a decoy: nobody must be able to tell that there was nobody to send a PIN to.
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", verbose_name=_("person"))
    digest = models.CharField(max_length=64)
    # Two letters that stand in the message and on the page, to tell several messages apart.
    reference = models.CharField(_("reference"), max_length=2)
    tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)
    replaced_at = models.DateTimeField(_("replaced at"), null=True)

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        indexes = [models.Index(fields=["binding", "purpose", "-created_at"], name="pin_by_binding")]

    @property
    def is_open(self) -> bool:
        """Whether typing this PIN could still succeed."""
        unspent = self.used_at is None and self.replaced_at is None and self.tries < MOST_TRIES
        return unspent and self.expires_at > timezone.now()

    def __str__(self) -> str:
        return self.reference
