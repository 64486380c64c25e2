"""The mirror of the secretariats' records: who the people are. It knows no account.

A `Person` is a human being; an `Affiliation` is what one secretariat's (or the personnel office's) system says of
them in one role. Whoever studies and teaches is one person with two affiliations. Names, birth date, insurance
number and contacts stand in the affiliation, because each office answers for its own record.
"""

from registry.models.affiliation import CORRECTABLE, Affiliation, AffiliationQuerySet
from registry.models.correction import Correction
from registry.models.department import Department
from registry.models.import_run import ImportItem, ImportRun
from registry.models.insurance_check import InsuranceCheck
from registry.models.person import Person, PersonQuerySet
from registry.models.upload import Upload, UploadPiece
from registry.models.vocabulary import ROLE_KINDS, Gender, InsuranceKind, Kind, Role, Source, Status

__all__ = [
    "CORRECTABLE",
    "ROLE_KINDS",
    "Affiliation",
    "AffiliationQuerySet",
    "Correction",
    "Department",
    "Gender",
    "ImportItem",
    "ImportRun",
    "InsuranceCheck",
    "InsuranceKind",
    "Kind",
    "Person",
    "PersonQuerySet",
    "Role",
    "Source",
    "Status",
    "Upload",
    "UploadPiece",
]
