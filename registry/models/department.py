"""A department and its secretariat."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Department(models.Model):
    code = models.CharField(_("code"), max_length=32, unique=True)
    name_el = models.CharField(_("name in Greek"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail of the secretariat"), blank=True)
    phone = models.CharField(_("telephone of the secretariat"), max_length=40, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, in the other one where that is missing."""
        greek = (get_language() or "el").startswith("el")
        return (self.name_el or self.name_en) if greek else (self.name_en or self.name_el)
