"""Persons as the directory meets them, without a database."""

from typing import Any

from accounts.models import Account
from registry.models import Affiliation, Department, Kind
from tests.factories import AffiliationFactory, StaffFactory

INFORMATICS = Department(pk=1, code="1501", name_el="Πληροφορικής", name_en="Informatics")
NURSING = Department(pk=2, code="1503", name_el="Νοσηλευτικής", name_en="Nursing")
# As Django writes it; cheap, of "correct horse battery staple".
HASH = "argon2$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$3A9nqCXhbSCSGR3Gl0Hn9w"


def student(**values: Any) -> Affiliation:
    """Maria, in her fifth term."""
    usual: dict[str, Any] = {
        "pk": 1,
        "person": None,
        "department": INFORMATICS,
        "system_id": "1000001",
        "registration_number": "20001",
        "enrollment_type": "undergraduate",
        "enrollment_term": "5",
        "attendance_type": "full-time",
        "username": "maria05",
    }
    return AffiliationFactory.build(**(usual | values))


def employee(**values: Any) -> Affiliation:
    """Maria, as the personnel office knows her: a faculty member unless `kind` is another."""
    usual: dict[str, Any] = {
        "pk": 2,
        "person": None,
        "department": NURSING,
        "system_id": "5000001",
        "registration_number": "3001",
        "kind": Kind.FACULTY,
        "username": "maria05",
    }
    return StaffFactory.build(**(usual | values))


def account(record: Affiliation | None = None, **values: Any) -> Account:
    """The account that was activated with the record."""
    usual = {"username": "maria05", "password": HASH, "affiliation_id": record.pk if record else 1}
    return Account(**(usual | values))
