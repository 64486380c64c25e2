"""Who did what to whom, when, from where, with what outcome."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from registry.models import Person


class AuditEvent(models.Model):
    """One act. Rows are added and never changed; `details` holds no secret and no unmasked contact."""

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    act = models.CharField(_("act"), max_length=64, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    actor = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="events", verbose_name=_("account")
    )
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.act} ({self.outcome})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError("audit events are append-only")
