"""The closed lists of values that records are written in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
