"""How a gateway has been doing."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GatewayHealth(models.Model):
    """One row a gateway: failures in a row, and until when it rests. See `accounts.messages.health`."""

    name = models.CharField(_("gateway"), max_length=16, unique=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    resting_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=32, blank=True)
    failed_at = models.DateTimeField(_("last failed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")

    def __str__(self) -> str:
        return self.name
