"""What one office's system says of a person in one role."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from registry.encryption import EncryptedTextField
from registry.models.department import Department
from registry.models.person import Person
from registry.models.vocabulary import ROLE_KINDS, Gender, InsuranceKind, Kind, Role, Source, Status

# What an office may correct: everything but the key, the office and the state, which only the source decides.
CORRECTABLE = (
    *("mobile_given", "email_given", "insurance_kind", "insurance_number", "insurance_country"),
    *("last_name_el", "first_name_el", "last_name_en", "first_name_en", "father_name_el", "father_name_en"),
    *("birth_date", "gender"),
)


class CorrectionHistory(HistoricalRecords):  # type: ignore[misc] # django-simple-history has no type hints.
    """The correctable fields before and after what somebody here changed.

    Rows are written by `registry.corrections` alone: imports, which change most and know no author, write none. Who
    did it is kept as a username, since the registry knows no accounts.
    """

    def fields_included(self, model: type[models.Model]) -> list[Any]:
        return [field for field in model._meta.fields if field.primary_key or field.name in CORRECTABLE]  # noqa: SLF001

    def post_save(self, *args: Any, **kwargs: Any) -> None:
        """Not by itself."""

    def post_delete(self, *args: Any, **kwargs: Any) -> None:
        """Not by itself."""


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def current(self) -> "AffiliationQuerySet":
        """Records that the source still holds and that are not ended."""
        return self.filter(vanished_at=None).exclude(status=Status.INACTIVE)

    def of_role(self, role: str) -> "AffiliationQuerySet":
        return self.filter(kind__in=ROLE_KINDS[Role(role)])


class Affiliation(models.Model):
    """One row of a secretariat's or personnel office's system: a person in one role, as that office knows them."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="affiliations", verbose_name=_("person"))

    # The key of the row in its source.
    source = models.CharField(_("source"), max_length=8, choices=Source)
    system_id = models.CharField(_("identifier in the source"), max_length=64)
    registration_number = models.CharField(_("registration number"), max_length=64, blank=True)

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, verbose_name=_("department"))
    status = models.CharField(_("status"), max_length=8, choices=Status)
    status_date = models.DateField(_("status since"), null=True, blank=True)
    enrollment_type = models.CharField(_("enrolment type"), max_length=64, blank=True)
    enrollment_term = models.CharField(_("term"), max_length=32, blank=True)
    inscription_year = models.CharField(_("academic year of inscription"), max_length=16, blank=True)
    attendance_type = models.CharField(_("attendance type"), max_length=64, blank=True)
    # Students recorded as permanent residents abroad are not asked for an insurance number.
    resident_abroad = models.BooleanField(_("permanent resident abroad"), default=False)

    username = models.CharField(_("username"), max_length=64, blank=True, db_index=True)
    first_name_el = models.CharField(_("first name in Greek"), max_length=100, blank=True)
    first_name_en = models.CharField(_("first name in Latin letters"), max_length=100, blank=True)
    last_name_el = models.CharField(_("surname in Greek"), max_length=100, blank=True)
    last_name_en = models.CharField(_("surname in Latin letters"), max_length=100, blank=True)
    father_name_el = models.CharField(_("father's name in Greek"), max_length=100, blank=True)
    father_name_en = models.CharField(_("father's name in Latin letters"), max_length=100, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    gender = models.PositiveSmallIntegerField(_("gender"), choices=Gender, default=Gender.UNKNOWN)

    insurance_kind = models.CharField(_("kind of insurance number"), max_length=8, choices=InsuranceKind, blank=True)
    insurance_number = EncryptedTextField(_("insurance number"), blank=True)
    insurance_digest = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # What is wrong with an AMKA, by `insurance.amka_flaw`: the number itself is encrypted, so no query can tell.
    amka_flaw = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    insurance_country = models.CharField(_("country of the insurance number"), max_length=2, blank=True)

    # What the record says, and the form in which it can be matched: empty where it can't be.
    mobile_given = models.CharField(_("mobile as recorded"), max_length=64, blank=True)
    mobile = models.CharField(_("mobile"), max_length=16, blank=True, db_index=True, editable=False)
    email_given = models.CharField(_("e-mail as recorded"), max_length=254, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_index=True, editable=False)

    # Surname and first name folded to one spelling, so that they are found as people type them; see `names.fold`.
    search_name = models.CharField(max_length=255, blank=True, editable=False)
    # The same of the names in Latin letters where these are others: Smith, not Σμιθ.
    search_name_latin = models.CharField(max_length=255, blank=True, editable=False)
    # Keyed digest of the row as the source last had it: an unchanged row is recognised without comparing columns.
    source_digest = models.CharField(max_length=64, editable=False)
    vanished_at = models.DateTimeField(_("vanished at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = AffiliationQuerySet.as_manager()
    history = CorrectionHistory(
        history_user_id_field=models.CharField(_("by"), max_length=64, blank=True),
        history_user_getter=lambda row: row.history_user_id,
        history_user_setter=lambda row, name: setattr(row, "history_user_id", name),
    )

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        permissions = [
            ("keep_students", _("May keep the records of the students of their departments")),
            ("keep_staff", _("May keep the records of staff")),
            ("see_all_records", _("May look at all records")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "system_id", "registration_number"], name="affiliation_key_is_unique"
            )
        ]
        indexes = [
            models.Index(fields=["registration_number"], name="affiliation_by_number"),
            # PostgreSQL finds a beginning by such an index only; other databases don't know operator classes.
            models.Index(fields=["search_name"], opclasses=["varchar_pattern_ops"], name="affiliation_by_name"),
            models.Index(
                fields=["search_name_latin"], opclasses=["varchar_pattern_ops"], name="affiliation_by_latin_name"
            ),
        ]

    def __str__(self) -> str:
        return self.registration_number or f"{self.source}:{self.system_id}"

    @property
    def is_current(self) -> bool:
        """As `AffiliationQuerySet.current` has it."""
        return self.vanished_at is None and self.status != Status.INACTIVE

    @property
    def role(self) -> Role:
        return next(role for role, kinds in ROLE_KINDS.items() if self.kind in kinds)

    @property
    def surname(self) -> str:
        """The surname as the AMKA registry writes it: in Greek, where the record has it."""
        return self.last_name_el or self.last_name_en

    @property
    def full_name(self) -> str:
        """First name and surname in the reader's language, in the other one where that is missing."""
        el = f"{self.first_name_el} {self.last_name_el}".strip()
        en = f"{self.first_name_en} {self.last_name_en}".strip()
        return (el or en) if (get_language() or "el").startswith("el") else (en or el)
