"""Letters that open an activation."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from registry.models import Affiliation


class LetterQuerySet(models.QuerySet["ActivationLetter"]):
    def open(self) -> "LetterQuerySet":
        """Those with which an account could still be opened."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())


class ActivationLetter(models.Model):
    """A one-time code printed for somebody without a usable contact; only its keyed hash is kept.

    It stands for the PIN: whoever holds the letter was identified when it was handed over.
    """

    affiliation = models.ForeignKey(Affiliation, models.CASCADE, related_name="letters", verbose_name=_("record"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("issued by"))
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)
    revoked_at = models.DateTimeField(_("made invalid at"), null=True)

    objects: ClassVar[models.Manager["ActivationLetter"]] = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation letter")
        verbose_name_plural = _("activation letters")
        permissions = [("issue_letters", _("May issue activation letters"))]
        constraints = [
            # Of two offices that issue at once the database lets one through.
            models.UniqueConstraint(
                fields=["affiliation"], condition=Q(used_at=None, revoked_at=None), name="one_letter_of_a_record"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
