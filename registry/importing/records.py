"""What one row says: text of the views' columns → values of an `Affiliation`'s fields.

Columns and values are those of GUnet's views `v_vd_sis` and `v_vd_hrms`.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry import contacts, insurance, syntax
from registry.insurance import InsuranceProblem
from registry.models import Affiliation, Gender, InsuranceKind, Kind, Source, Status
from registry.sources import BadCell
from registry.sources.columns import COLUMNS

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
# The fields that a row decides, beside its department.
SAID = (
    *("kind", "status", "status_date", "resident_abroad", "username", "birth_date", "gender", "mobile_given"),
    *TEXTS.values(),
    *("insurance_kind", "insurance_number", "insurance_country"),
)
GREEK_NAMES = ("firstNameEl", "lastNameEl", "fatherFirstNameEl")
DEPARTMENT = ("departmentID", "departmentEl", "departmentEn")
STATUS_COLUMN = {Source.SIS: "enrollmentStatus", Source.HRMS: "employeeStatus"}
EMPLOYMENT = ("contractType", "employeeType", "facultyType", "staffType")
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
# How long a cell may be, so that it fits into its field; what is read as a word of a list, a date or a number has room.
LONGEST = (
    {column: LENGTHS[name] for column, name in TEXTS.items()}
    | {"systemID": LENGTHS["system_id"], "mobilePhone": LENGTHS["mobile_given"]}
    | {"registrationID": LENGTHS["registration_number"], "academicID": LENGTHS["registration_number"]}
    | {"departmentID": 32, "departmentEl": 200, "departmentEn": 200}
)
ROOM = 64


class BadValue(ValueError):
    """A value that keeps the row out: its column and why, without the value."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class RowReader:
    """Reads the rows of one system, with the settings as they are now."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.status_column = STATUS_COLUMN[source]
        self.kinds = {given.casefold(): Kind(kind) for given, kind in settings.EMPLOYEE_KINDS.items()}
        self.abroad = {value.casefold() for value in settings.ABROAD_ENROLLMENT_TYPES}
        self.longest = [(column, LONGEST.get(column, ROOM)) for column in COLUMNS[source]]
        self.today = date.today()  # noqa: DTZ011 A birth date knows no time zone.

    def key(self, values: Values) -> tuple[str, str]:
        """(systemID, registration number). Raises `BadValue` when the row can't be told from others."""
        if BadCell in map(type, values.values()):
            _refuse_bad_cells(values)
        system_id, number = values.get("systemID", ""), values.get("registrationID", "")
        # Letters and digits only are plain already, and most keys are.
        if not ((both := system_id + number).isascii() and both.isalnum() and len(both) <= ROOM):
            system_id, number = plain(values, "systemID", ROOM), plain(values, "registrationID", ROOM)
        if not system_id:
            raise BadValue("systemID", _("The field is empty."))
        if self.source == Source.HRMS:
            # Teaching staff without a registration number are told apart by their academic identifier.
            return system_id, number or plain(values, "academicID", ROOM)
        if not number:
            raise BadValue("registrationID", _("The field is empty."))
        return system_id, number

    def fields(self, values: Values) -> dict[str, Any]:
        """The fields that the row decides about; raises `BadValue` for the first that can't be."""
        values = self._tidy(values)
        fields: dict[str, Any] = {name: values.get(column, "") for column, name in TEXTS.items()}
        residence = (fields["enrollment_type"].casefold(), fields["attendance_type"].casefold())
        fields["kind"] = Kind.STUDENT if self.source == Source.SIS else self._employee_kind(values)
        fields["status"] = _status(values, self.status_column)
        fields["status_date"] = read_date(values, f"{self.status_column}Date")
        fields["resident_abroad"] = residence[0] in self.abroad or residence[1] in self.abroad
        fields["username"] = _username(values)
        fields["birth_date"] = self._birth_date(values)
        fields["gender"] = _gender(values)
        fields["mobile_given"] = _mobile(values)
        return fields | _insurance(values)

    def _tidy(self, values: Values) -> Values:
        """The cells as `plain` has them. Most rows are plain already, and one look at the whole row tells."""
        row = "\x1f".join(values.values())
        if (
            row.count("\x1f") == len(values) - 1
            and row.replace("\x1f", "").isprintable()
            and not ("  " in row or " \x1f" in row or "\x1f " in row or row[:1] == " " or row[-1:] == " ")
            and (row.isascii() or unicodedata.is_normalized("NFC", row))
        ):
            for column, longest in self.longest:
                if len(values.get(column, "")) > longest:
                    raise _too_long(column, longest)
            return values
        return {column: plain(values, column, longest) for column, longest in self.longest}

    def _employee_kind(self, values: Values) -> Kind:
        """The first of the columns, from the contract to the kind of staff, whose value is known decides."""
        for column in EMPLOYMENT:
            if kind := self.kinds.get(values.get(column, "").casefold()):
                return kind
        raise BadValue("employeeType", _("The kind of employee is not known; UREGISTER_EMPLOYEE_KINDS lists them."))

    def _birth_date(self, values: Values) -> date | None:
        day = read_date(values, "birthDate")
        if day and not EARLIEST <= day <= self.today:
            raise BadValue("birthDate", _("Nobody alive was born on that day."))
        return day


def read_department(values: Values) -> tuple[str, str, str]:
    """Code, Greek name, English name; the names as far as they are given."""
    code, name_el, name_en = (plain(values, column, LONGEST[column]) for column in DEPARTMENT)
    return code, name_el, name_en


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
        raise _too_long(column, longest)
    return text


def read_date(values: Values, column: str) -> date | None:
    """A day written `yyyyMMdd`, `yyyy-MM-dd` or `dd/mm/yyyy`; None when empty. Raises `BadValue`."""
    text = " ".join(values.get(column, "").split())
    if not text:
        return None
    try:
        day = _date(text)
    except ValueError:
        raise BadValue(column, _("There is no such day.")) from None
    if day is None:
        raise BadValue(column, _("The date is not written as yyyyMMdd, dd/mm/yyyy or yyyy-MM-dd."))
    return day


@lru_cache(maxsize=65536)
def _date(text: str) -> date | None:
    """None when it is written in no known way; raises `ValueError` when there is no such day."""
    for pattern in DATES:
        if found := pattern.fullmatch(text):
            return date(**{part: int(digits) for part, digits in found.groupdict().items()})
    return None


def warnings_of(values: Values) -> list[tuple[str, str]]:
    """What is taken in but looks wrong: (column, reason)."""
    mixed = [column for column in GREEK_NAMES if _is_mixed(values.get(column, ""))]
    found = [(column, _("Latin letters stand among the Greek ones.")) for column in mixed]
    email = values.get("extEmail", "")
    if email and not contacts.USUAL_EMAIL.fullmatch(email) and email.strip() and not contacts.email_of_record(email):
        found.append(("extEmail", _("This is no e-mail address.")))
    country = values.get("ssnCountry", "")
    if country and not _country(country) and country.strip():
        found.append(("ssnCountry", _("This is no country; it is taken as missing.")))
    return found


@lru_cache(maxsize=16384)
def _is_mixed(name: str) -> bool:
    return not name.isascii() and bool(LATIN.search(name)) and bool(GREEK.search(name))


_country = lru_cache(maxsize=1024)(insurance.country_code)


def _refuse_bad_cells(values: Values) -> None:
    for column, value in values.items():
        if isinstance(value, BadCell):
            raise BadValue(column, str(value))


def _too_long(column: str, longest: int) -> BadValue:
    return BadValue(column, _("The field is longer than %(longest)d characters.") % {"longest": longest})


def _status(values: Values, column: str) -> Status:
    try:
        return Status(values.get(column, "").lower())
    except ValueError:
        raise BadValue(column, _("The status is none of active, interim, inactive.")) from None


def _username(values: Values) -> str:
    name = values.get("loginName", "")
    if name and not syntax.is_username(name):
        raise BadValue("loginName", _("The username does not have the form of one."))
    return name


def _gender(values: Values) -> Gender:
    text = values.get("gender", "")
    if text and text not in ("0", "1", "2", "9"):
        raise BadValue("gender", _("The gender is none of 0, 1, 2, 9 (ISO/IEC 5218)."))
    return Gender(int(text or "0"))


def _mobile(values: Values) -> str:
    """As recorded. A number that lacks its prefix is a record to be mended; letters are none of a number's."""
    text = values.get("mobilePhone", "")
    if any(map(str.isalpha, text)):
        raise BadValue("mobilePhone", _("The telephone number holds letters."))
    return text


def _insurance(values: Values) -> dict[str, Any]:
    """Number, country and kind as given: that an AMKA is wrong is for the secretariat to see, not a reason to lose
    the record. Only what can't be a number of any country keeps the row out."""
    country = _country(values.get("ssnCountry", ""))
    number = insurance.clean(values.get("ssn", "")).upper()
    kind = insurance.kind_of(country, number) if number else ""
    if number and kind != InsuranceKind.AMKA:
        try:
            insurance.check_other_form(number)
        except InsuranceProblem as problem:
            raise BadValue("ssn", problem.message) from None
    return {"insurance_kind": kind, "insurance_number": number, "insurance_country": country}
