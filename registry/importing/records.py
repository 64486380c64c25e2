"""What one row says: text of the views' columns → values of an `Affiliation`'s fields.

Columns and values are those of GUnet's views `v_vd_sis` and `v_vd_hrms`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry import contacts, insurance
from registry.insurance import InsuranceProblem
from registry.models import Affiliation, Gender, InsuranceKind, Kind, Source, Status
from registry.sources import BadCell

Values = Mapping[str, str]

TEXTS = {
    "firstNameEl": "first_name_el",
    "firstNameEn": "first_name_en",
    "lastNameEl": "last_name_el",
    "lastNameEn": "last_name_en",
    "fatherFirstNameEl": "father_name_el",
    "fatherFirstNameEn": "father_name_en",
    "extEmail": "email_given",
    "enrollmentType": "enrollment_type",
    "enrollmentTerm": "enrollment_term",
    "inscriptionAcYear": "inscription_year",
    "attendanceType": "attendance_type",
}
GREEK_NAMES = ("firstNameEl", "lastNameEl", "fatherFirstNameEl")
STATUS_COLUMN = {Source.SIS: "enrollmentStatus", Source.HRMS: "employeeStatus"}
EMPLOYMENT = ("contractType", "employeeType", "facultyType", "staffType")
USERNAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
DATES = (
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ]00:00:00(?:\.0+)?)?", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII),
)
EARLIEST = date(1900, 1, 1)
LATIN, GREEK = re.compile(r"[A-Za-z]"), re.compile(r"[Ά-ώἀ-ῼ]")
LENGTHS: dict[str, int] = {
    field.name: field.max_length
    for field in Affiliation._meta.concrete_fields  # noqa: SLF001 Django documents _meta.
    if field.max_length
}


class BadValue(ValueError):
    """A value that keeps the row out: its column and why, without the value."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(slots=True)
class Record:
    """A row understood: its key, what it says about each field, the digest of the row itself."""

    line: int
    key: tuple[str, str]
    digest: str
    department: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def read_key(values: Values, source: Source) -> tuple[str, str]:
    """(systemID, registration number). Raises `BadValue` when the row can't be told from others."""
    for column, value in values.items():
        if isinstance(value, BadCell):
            raise BadValue(column, str(value))
    system_id = _text(values, "systemID", "system_id")
    if not system_id:
        raise BadValue("systemID", _("The field is empty."))
    number = _text(values, "registrationID", "registration_number")
    if source == Source.HRMS:
        # Teaching staff without a registration number are told apart by their academic identifier.
        return system_id, number or _text(values, "academicID", "registration_number")
    if not number:
        raise BadValue("registrationID", _("The field is empty."))
    return system_id, number


def read_department(values: Values) -> tuple[str, str, str]:
    """Code, Greek name, English name; the names as far as they are given."""
    return (
        plain(values, "departmentID", 32),
        plain(values, "departmentEl", 200),
        plain(values, "departmentEn", 200),
    )


def read_fields(values: Values, source: Source) -> dict[str, Any]:
    """The fields that the row decides about; raises `BadValue` for the first that can't be."""
    fields: dict[str, Any] = {name: _text(values, column, name) for column, name in TEXTS.items()}
    abroad = {value.casefold() for value in settings.ABROAD_ENROLLMENT_TYPES}
    fields |= {
        "kind": Kind.STUDENT if source == Source.SIS else _employee_kind(values),
        "status": _status(values, STATUS_COLUMN[source]),
        "status_date": read_date(values, f"{STATUS_COLUMN[source]}Date"),
        "resident_abroad": bool(abroad & {fields[name].casefold() for name in ("enrollment_type", "attendance_type")}),
        "username": _username(values),
        "birth_date": _birth_date(values),
        "gender": _gender(values),
        "mobile_given": _mobile(values),
    }
    return fields | _insurance(values)


def plain(values: Values, column: str, longest: int) -> str:
    """The text composed (NFC), trimmed, with single spaces. Raises `BadValue` for what no keyboard writes."""
    text = values.get(column, "")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    # Str.isprintable is false for controls, NUL, zero-width and direction marks, halves of surrogates.
    if not text.isprintable():
        raise BadValue(column, _("The field holds control or invisible characters."))
    if len(text) > longest:
        raise BadValue(column, _("The field is longer than %(longest)d characters.") % {"longest": longest})
    return text


def read_date(values: Values, column: str) -> date | None:
    """A day written `yyyyMMdd`, `yyyy-MM-dd` or `dd/mm/yyyy`; None when empty. Raises `BadValue`."""
    text = plain(values, column, 40)
    if not text:
        return None
    for pattern in DATES:
        if found := pattern.fullmatch(text):
            try:
                return date(**{part: int(digits) for part, digits in found.groupdict().items()})
            except ValueError:
                raise BadValue(column, _("There is no such day.")) from None
    raise BadValue(column, _("The date is not written as yyyyMMdd, dd/mm/yyyy or yyyy-MM-dd."))


def warnings_of(values: Values) -> list[tuple[str, str]]:
    """What is taken in but looks wrong: (column, reason)."""
    found = [
        (column, _("Latin letters stand among the Greek ones."))
        for column in GREEK_NAMES
        if not (name := values.get(column, "")).isascii() and LATIN.search(name) and GREEK.search(name)
    ]
    email = values.get("extEmail", "").strip()
    if email and not contacts.email_of_record(email):
        found.append(("extEmail", _("This is no e-mail address.")))
    country = values.get("ssnCountry", "").strip()
    if country and not insurance.country_code(country):
        found.append(("ssnCountry", _("This is no country; it is taken as missing.")))
    return found


def _text(values: Values, column: str, name: str) -> str:
    return plain(values, column, LENGTHS[name])


def _status(values: Values, column: str) -> Status:
    try:
        return Status(plain(values, column, 64).lower())
    except ValueError:
        raise BadValue(column, _("The status is none of active, interim, inactive.")) from None


def _employee_kind(values: Values) -> Kind:
    """The first of the columns, from the contract to the kind of staff, whose value is known decides."""
    kinds = {given.casefold(): kind for given, kind in settings.EMPLOYEE_KINDS.items()}
    for column in EMPLOYMENT:
        if kind := kinds.get(plain(values, column, 64).casefold()):
            return Kind(kind)
    raise BadValue("employeeType", _("The kind of employee is not known; UREGISTER_EMPLOYEE_KINDS lists them."))


def _username(values: Values) -> str:
    """GUnet's form of a login name: 4 to 20 lower-case letters and digits with single . _ - between."""
    name = plain(values, "loginName", 64)
    if name and not (4 <= len(name) <= 20 and USERNAME.fullmatch(name)):
        raise BadValue("loginName", _("The username does not have the form of one."))
    return name


def _birth_date(values: Values) -> date | None:
    day = read_date(values, "birthDate")
    if day and not EARLIEST <= day <= date.today():  # noqa: DTZ011 A birth date knows no time zone.
        raise BadValue("birthDate", _("Nobody alive was born on that day."))
    return day


def _gender(values: Values) -> Gender:
    text = plain(values, "gender", 64)
    if text and text not in ("0", "1", "2", "9"):
        raise BadValue("gender", _("The gender is none of 0, 1, 2, 9 (ISO/IEC 5218)."))
    return Gender(int(text or "0"))


def _mobile(values: Values) -> str:
    """As recorded. A number that lacks its prefix is a record to be mended; letters are none of a number's."""
    text = _text(values, "mobilePhone", "mobile_given")
    if any(letter.isalpha() for letter in text):
        raise BadValue("mobilePhone", _("The telephone number holds letters."))
    return text


def _insurance(values: Values) -> dict[str, Any]:
    """Number, country and kind as given: that an AMKA is wrong is for the secretariat to see, not a reason to lose
    the record. Only what can't be a number of any country keeps the row out."""
    country = insurance.country_code(plain(values, "ssnCountry", 64))
    number = insurance.clean(plain(values, "ssn", 64)).upper()
    kind = insurance.kind_of(country, number) if number else ""
    if number and kind != InsuranceKind.AMKA:
        try:
            insurance.check_other_form(number)
        except InsuranceProblem as problem:
            raise BadValue("ssn", problem.message) from None
    return {"insurance_kind": kind, "insurance_number": number, "insurance_country": country}
