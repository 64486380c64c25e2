"""A human being, however many systems know them."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class PersonQuerySet(models.QuerySet["Person"]):
    def revise(self) -> int:
        """Note that records of these persons have changed; returns of how many persons."""
        return self.update(revision=F("revision") + 1)


class Person(models.Model):
    """One human being, however many systems know them.

    `identity` is the keyed digest of insurance number, its country and birth date: the three by which the same
    person in two systems is recognised. It is null while one of them is missing.
    """

    identity = models.CharField(  # noqa: DJ001 # Null, because many persons have none and it is unique.
        max_length=64, null=True, unique=True, editable=False
    )
    # A fact about the person that the registry must know so as not to merge two people who both have an account.
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True, editable=False)
    # Raised, in the same transaction, with every change to one of the person's records: whoever has read an older one
    # has to read again.
    revision = models.IntegerField(default=0, db_default=0, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")

    def __str__(self) -> str:
        return f"#{self.pk}"
