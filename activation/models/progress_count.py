"""What attempts come to, and how many of them."""

from enum import IntFlag

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.models import Department, Kind


class Reached(IntFlag):
    """What an attempt came to, as bits of one number: steps, then errors. What was once reached stays."""

    STARTED = 1 << 0
    SENT = 1 << 1
    PROVED = 1 << 2
    CONFIRMED = 1 << 3
    DONE = 1 << 4
    BY_LETTER = 1 << 5
    NOT_FOUND = 1 << 8
    MISSING = 1 << 9
    INSURANCE = 1 << 10
    ALREADY_ACTIVE = 1 << 11
    PIN_WRONG = 1 << 12
    PIN_EXPIRED = 1 << 13
    PIN_SPENT = 1 << 14
    DISAGREED = 1 << 15
    # Not written into the attempt: known from its messages.
    MESSAGE_FAILED = 1 << 16


class ProgressCount(models.Model):
    """How many attempts of one day, department and cohort came to one thing: numbers that outlive the attempts."""

    day = models.DateField(_("day"))
    # The same names as in the record, so that one rule says who may see either; see `registry.scope`.
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    department = models.ForeignKey(Department, models.CASCADE, null=True, verbose_name=_("department"))
    cohort = models.CharField(_("academic year of inscription"), max_length=16, blank=True)
    # The name of a bit of `Reached`.
    what = models.CharField(_("came to"), max_length=16)
    number = models.PositiveIntegerField(_("number"))

    class Meta:
        verbose_name = _("count of attempts")
        verbose_name_plural = _("counts of attempts")
        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "department", "cohort", "what"], name="progress_is_unique"),
            models.UniqueConstraint(
                fields=["day", "kind", "cohort", "what"],
                condition=Q(department=None),
                name="progress_without_department_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what}: {self.number}"
