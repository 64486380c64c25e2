"""What stands between a person and their account: the one list for the wizard, the admin and the reports.

Each condition is a small function that says whether it holds for a record; `CONDITIONS` orders and describes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry import amka_service, insurance
from registry.contacts import mask_date, mask_text
from registry.models import Affiliation, InsuranceKind, Kind


class Mender(StrEnum):
    """Who can put it right."""

    OFFICE = "office"  # The secretariat of the department, or the personnel office.
    PERSON = "person"


class Hindrance(StrEnum):
    """What a condition that fails does to an activation."""

    MISSING = "missing"  # «Ο χρήστης δεν έχει συμπληρωμένα τα απαραίτητα στοιχεία»
    INSURANCE = "insurance"  # «Ανεπιτυχής έλεγχος του ΑΜΚΑ»
    CONTACT = "contact"  # «Δεν βρέθηκε χρήστης με αυτά τα στοιχεία», for this contact.
    NONE = "none"  # Worth mending, in nobody's way.


@dataclass(frozen=True)
class Condition:
    code: str
    text: str | Promise
    hindrance: Hindrance
    holds: Callable[[Affiliation], bool]
    mender: Mender = Mender.OFFICE


@dataclass(frozen=True)
class Field:
    """A field of the record as an unproved visitor may see it: with its value masked, empty where it is missing."""

    label: str | Promise
    value: str


def may_type_insurance(record: Affiliation) -> bool:
    """Whether the person is asked for the insurance number that the record lacks (students only)."""
    return record.kind == Kind.STUDENT and not record.insurance_number and not record.resident_abroad


def _has_insurance(record: Affiliation) -> bool:
    return bool(record.insurance_number) or record.kind == Kind.STUDENT


def _has_country(record: Affiliation) -> bool:
    # A number without its country is no number; where there is no number yet, the country comes with it.
    return bool(record.insurance_country) or not record.insurance_number


def _has_username(record: Affiliation) -> bool:
    return bool(record.username)


def _has_birth_date(record: Affiliation) -> bool:
    return record.birth_date is not None


def _has_contact(record: Affiliation) -> bool:
    return bool(record.mobile_given or record.email_given)


def _amka_agrees(record: Affiliation) -> bool:
    if record.insurance_kind != InsuranceKind.AMKA or not record.insurance_number:
        return True
    # With a service its answer decides, because a birth date corrected later does not change the number.
    online = amka_service.is_online()
    birth_date, gender = (None, 0) if online else (record.birth_date, record.gender)
    try:
        insurance.check_amka(record.insurance_number, birth_date=birth_date, gender=gender)
    except insurance.InsuranceProblem:
        return False
    return True


def _mobile_has_prefix(record: Affiliation) -> bool:
    return bool(record.mobile) or not record.mobile_given


def _email_is_valid(record: Affiliation) -> bool:
    return bool(record.email) or not record.email_given


def _email_is_external(record: Affiliation) -> bool:
    return not is_institutional(record.email)


def is_institutional(email: str) -> bool:
    """Whether the address is in one of the institution's own domains: unreadable before the account exists."""
    domain = email.rpartition("@")[2]
    return any(domain == own or domain.endswith(f".{own}") for own in settings.INSTITUTIONAL_DOMAINS)


CONDITIONS = (
    Condition("username", _("The record has a username"), Hindrance.MISSING, _has_username),
    Condition("insurance_number", _("The record has an AMKA"), Hindrance.MISSING, _has_insurance),
    Condition("insurance_country", _("The record has the country of the AMKA"), Hindrance.MISSING, _has_country),
    Condition(
        "birth_date", _("The record has a birth date"), Hindrance.MISSING, lambda record: bool(record.birth_date)
    ),
    Condition("amka", _("The AMKA agrees with the birth date and gender"), Hindrance.INSURANCE, _amka_agrees),
    Condition(
        "contact",
        _("The record has a mobile or an e-mail"),
        Hindrance.CONTACT,
        _has_contact,
    ),
    Condition("mobile_prefix", _("The mobile has the country prefix"), Hindrance.CONTACT, _mobile_has_prefix),
    Condition("email_valid", _("The e-mail is an address"), Hindrance.CONTACT, _email_is_valid),
    Condition("email_external", _("The e-mail is not one of the institution"), Hindrance.CONTACT, _email_is_external),
)


def findings(record: Affiliation) -> list[Condition]:
    """The conditions that do not hold for this record, in order; no query."""
    return [condition for condition in CONDITIONS if not condition.holds(record)]


def first_hindrance(record: Affiliation) -> Hindrance | None:
    """What stops this record's activation once its contact was found, if anything."""
    found = {condition.hindrance for condition in findings(record)}
    return next((stop for stop in (Hindrance.MISSING, Hindrance.INSURANCE) if stop in found), None)


def required_fields(record: Affiliation) -> list[Field]:
    """The four fields without which there is no account."""
    return [
        Field(pgettext_lazy("as the printed guide calls it", "Username"), mask_text(record.username)),
        Field(_("AMKA"), insurance.mask(record.insurance_number)),
        Field(_("Country of the AMKA"), record.insurance_country),
        Field(_("Birth date"), mask_date(record.birth_date)),
    ]


def insurance_fields(record: Affiliation, *, number: str = "") -> list[Field]:
    """The three fields that the AMKA registry compares; `number` is the one the person typed, if they did."""
    return [
        Field(_("AMKA"), insurance.mask(number or record.insurance_number)),
        Field(_("Surname"), mask_text(record.last_name_el or record.last_name_en)),
        Field(_("Birth date"), mask_date(record.birth_date)),
    ]
