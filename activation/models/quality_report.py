"""Which office was told of its records' quality, and for which period."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models import Department


class QualityReport(models.Model):
    """One report of a period, such as `2026-11-28` or `2026-W48`: its row decides that it is sent once.

    `department` is the secretariat's; the personnel office has none.
    """

    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    period = models.CharField(_("period"), max_length=10)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("report on data quality")
        verbose_name_plural = _("reports on data quality")
        constraints = [
            models.UniqueConstraint(fields=["department", "period"], name="quality_is_reported_once_a_period"),
            models.UniqueConstraint(
                fields=["period"],
                condition=models.Q(department=None),
                name="quality_of_staff_is_reported_once_a_period",
            ),
        ]

    def __str__(self) -> str:
        return self.period
