"""What a role's group was given once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferedRight(models.Model):
    """A right that was put into a role's group. Whether it is still there is for the operator to say.

    Without this memory each `migrate` would give back what an operator has taken away.
    """

    role = models.CharField(_("role"), max_length=32)
    right = models.CharField(_("right"), max_length=160)

    class Meta:
        verbose_name = _("offered right")
        verbose_name_plural = _("offered rights")
        constraints = [models.UniqueConstraint(fields=["role", "right"], name="right_is_offered_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.right}"
