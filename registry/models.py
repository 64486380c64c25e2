"""The mirror of the secretariats' records: who the people are. It knows no account.

A `Person` is a human being; an `Affiliation` is what one secretariat's (or the personnel office's) system says of
them in one role. Whoever studies and teaches is one person with two affiliations. Names, birth date, insurance
number and contacts stand in the affiliation, because each office answers for its own record.
"""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.encryption import EncryptedTextField


class Role(models.TextChoices):
    """How a person introduces themselves when they activate."""

    STUDENT = "student", _("Student")
    STAFF = "staff", _("Faculty or administrative staff")
    ASSOCIATE = "associate", _("Temporary teaching staff")


class Kind(models.TextChoices):
    """What the record says the person is; the directory's affiliations follow from it."""

    STUDENT = "student", _("student")
    FACULTY = "faculty", _("faculty member")
    ADMINISTRATIVE = "administrative", _("administrative staff")
    ASSOCIATE = "associate", _("temporary teaching staff")


ROLE_KINDS = {
    Role.STUDENT: (Kind.STUDENT,),
    Role.STAFF: (Kind.FACULTY, Kind.ADMINISTRATIVE),
    Role.ASSOCIATE: (Kind.ASSOCIATE,),
}


class Source(models.TextChoices):
    """The system that a record comes from, named as GUnet names its views `v_vd_sis` and `v_vd_hrms`."""

    SIS = "sis", _("student system")
    HRMS = "hrms", _("personnel system")


class Status(models.TextChoices):
    """The states of the views; `interim` is a contract about to start or just ended."""

    ACTIVE = "active", _("active")
    INTERIM = "interim", _("interim")
    INACTIVE = "inactive", _("inactive")


class Gender(models.IntegerChoices):
    """ISO/IEC 5218."""

    UNKNOWN = 0, _("not known")
    MALE = 1, _("male")
    FEMALE = 2, _("female")
    NOT_APPLICABLE = 9, _("not applicable")


class InsuranceKind(models.TextChoices):
    """What sort of number it is; a country alone does not tell (Greece has provisional numbers too)."""

    AMKA = "amka", _("AMKA")
    EHIC = "ehic", _("European Health Insurance Card")
    FOREIGN = "foreign", _("insurance number of another country")


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

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")

    def __str__(self) -> str:
        return f"#{self.pk}"


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

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
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


class InsuranceCheck(models.Model):
    """An AMKA that the AMKA registry has still to confirm, or has contradicted: work for the secretariat."""

    class State(models.TextChoices):
        PENDING = "pending", _("to be asked")
        AGREED = "agreed", _("confirmed by the AMKA registry")
        DISAGREED = "disagreed", _("contradicted by the AMKA registry")
        REPLACED = "replaced", _("confirmed, but replaced by another number")

    affiliation = models.OneToOneField(
        Affiliation, models.CASCADE, related_name="insurance_check", verbose_name=_("record")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    current_number = EncryptedTextField(_("current number"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of an AMKA")
        verbose_name_plural = _("checks of AMKAs")

    def __str__(self) -> str:
        return self.get_state_display()


class ImportRun(models.Model):
    """One reading of a source that was applied: when, by whom, what it did."""

    source = models.CharField(_("source"), max_length=8, choices=Source)
    name = models.CharField(_("file or view"), max_length=200)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"))
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    vanished = models.PositiveIntegerField(_("vanished"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    kept_corrections = models.PositiveIntegerField(_("corrections kept"), default=0)

    class Meta:
        ordering = ["-finished_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.finished_at:%Y-%m-%d %H:%M}"


class Correction(models.Model):
    """A field of a record that somebody here knows better than its source, kept until the source agrees.

    An import leaves the field alone while the source still says `source_value`. Values are encrypted because the
    insurance number is among the fields.
    """

    class Origin(models.TextChoices):
        PERSON = "person", _("the person, while activating")
        OFFICE = "office", _("the secretariat")

    affiliation = models.ForeignKey(Affiliation, models.CASCADE, related_name="corrections", verbose_name=_("record"))
    field = models.CharField(_("field"), max_length=32)
    source_value = EncryptedTextField(_("value in the source"), blank=True)
    value = EncryptedTextField(_("corrected value"), blank=True)
    origin = models.CharField(_("by"), max_length=8, choices=Origin)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(fields=["affiliation", "field"], name="one_correction_per_field"),
        ]

    def __str__(self) -> str:
        return self.field
