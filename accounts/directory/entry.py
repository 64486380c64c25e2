"""A person, the records and the account become the attributes of an entry: no database, no network.

Three sets, each with what the one before has (forms and OIDs: RFC 4519, eduPerson 202208, SCHAC 1.5, GUnet's schema):

`inetorgperson`  names in both languages and mail
`eduperson`      affiliations, principal name, entitlements
`gunet`          SCHAC's attributes and GUnet's: home organisation, student number and European Student Identifier,
                 birth date, insurance number, undergraduate branch, enrolment, expiry, status

The kinds of records and their affiliations are a setting. By default a student is `student`, a faculty member
`faculty` and `employee`, administrative staff `staff` and `employee`, and temporary teaching staff `employee` only:
they have a contract and need what members have (the library), but APELLA takes everybody who is `faculty` for a
professor, and `affiliate` would say that they are none of all that.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from django.conf import settings

from accounts.directory import Attributes
from accounts.models import Account
from registry import insurance, syntax, transliteration
from registry.models import Affiliation, Gender, InsuranceKind, Kind

NAMES = ("cn", "givenName", "sn", "displayName")
LANGUAGES = (";lang-el", ";lang-en")
INETORGPERSON = ("uid", *(name + option for name in NAMES for option in ("", *LANGUAGES)), "mail")
EDUPERSON = (
    *("eduPersonPrincipalName", "eduPersonAffiliation", "eduPersonPrimaryAffiliation"),
    *("eduPersonScopedAffiliation", "eduPersonEntitlement"),
)
GUNET = (
    *("schacHomeOrganization", "schacHomeOrganizationType", "schacDateOfBirth", "schacGender"),
    *("schacPersonalUniqueCode", "schacPersonalUniqueID", "schacExpiryDate", "schacUserStatus"),
    *("schGrAcPersonSSN", "schGrAcPersonalLinkageID", "schGrAcEnrollment", "grEduPersonUndergraduateBranch"),
)
# What is ours in an entry, by profile: everything else there belongs to others. `objectClass` is only added to, and
# `userPassword` comes from `password_value`.
MANAGED = {
    "inetorgperson": INETORGPERSON,
    "eduperson": INETORGPERSON + EDUPERSON,
    "gunet": INETORGPERSON + EDUPERSON + GUNET,
}
OBJECT_CLASSES = {
    "inetorgperson": ("top", "person", "organizationalPerson", "inetOrgPerson"),
    "eduperson": ("eduPerson",),
    "gunet": (
        *("schacPersonalCharacteristics", "schacContactLocation", "schacLinkageIdentifiers", "schacEntryMetadata"),
        *("schacUserEntitlements", "schGrAcLinkageIdentifiers", "grEduPerson"),
    ),
}
PROFILES = tuple(MANAGED)

# Of several affiliations the first of these is the primary one: a doctoral student who teaches for a term stays one.
PRECEDENCE = ("faculty", "staff", "student", "employee", "alum", "affiliate", "member")
# "Member" goes with these (eduPerson, 2.2.1).
MEMBERS = frozenset({"student", "faculty", "staff", "employee"})
KINDS = (Kind.FACULTY, Kind.ADMINISTRATIVE, Kind.STUDENT, Kind.ASSOCIATE)

# An account may have been named before the registrar kept to 4 to 20.
LONGEST_USERNAME = 64


class Unfit(ValueError):
    """No entry can be made: `part` is `username` or `name`; the record has to be mended first.

    For `DirectoryEntry`: state `refused` with `code` as its error and the text, which holds no value, as the answer.
    """

    code = "unfit"

    def __init__(self, part: str, problem: str) -> None:
        super().__init__(f"{part}: {problem}")
        self.part = part


def compose(account: Account, records: Sequence[Affiliation], *, profile: str | None = None) -> Attributes:
    """The attributes of the account's entry by name, without empty ones, object classes and password.

    `records` are all of the person's, ended ones too, each with its department at hand; those that are current decide
    the affiliations, and all of them where none is current who the person is. `profile` is the setting's by default.
    Raises `Unfit`.
    """
    profile = profile or settings.DIRECTORY_PROFILE
    ordered = _ordered(account, records)
    current = [record for record in ordered if record.is_current]
    known = current or ordered
    attributes = _inetorgperson(account, known)
    if profile != "inetorgperson":
        attributes |= _eduperson(account, current)
    if profile == "gunet":
        attributes |= _gunet(account, known, current)
    return {name: values for name, values in attributes.items() if values}


def object_classes(profile: str | None = None) -> tuple[str, ...]:
    """The object classes that the profile's attributes need, or the operator's own."""
    if settings.DIRECTORY_OBJECT_CLASSES:
        return tuple(settings.DIRECTORY_OBJECT_CLASSES)
    needed = PROFILES[: PROFILES.index(profile or settings.DIRECTORY_PROFILE) + 1]
    return tuple(name for each in needed for name in OBJECT_CLASSES[each])


def password_value(account: Account) -> str | None:
    """The `userPassword` of the entry; None where nobody may sign in, nor get into eduroam.

    `{ARGON2}` is the account's own hash as OpenLDAP's `argon2` module reads it; Django writes its own name before it.
    """
    if not account.is_open or account.blocked_at is not None:
        return None
    if settings.DIRECTORY_PASSWORD_SCHEME != "argon2":  # noqa: S105 The name of a scheme.
        return account.directory_password or None
    algorithm, _separator, encoded = account.password.partition("$")
    return f"{{ARGON2}}${encoded}" if algorithm == "argon2" and encoded.startswith("argon2id$") else None


# ---- The three sets -----------------------------------------------------------------------------------------


def _inetorgperson(account: Account, known: Sequence[Affiliation]) -> dict[str, tuple[str, ...]]:
    username = _fit_username(account.username)
    if not known:
        raise Unfit("name", "the account has no record")
    named = next((record for record in known if record.surname), known[0])
    first, last = _both(named, "first_name"), _both(named, "last_name")
    if not last[1]:
        raise Unfit("name", "the record has no surname")
    attributes: dict[str, tuple[str, ...]] = {"uid": (username,)}
    attributes |= {"mail": (settings.DIRECTORY_MAIL.replace("{username}", username),)}
    attributes |= _in_languages("givenName", first) | _in_languages("sn", last)
    full = (f"{first[0]} {last[0]}".strip() if last[0] else "", f"{first[1]} {last[1]}".strip())
    return attributes | _in_languages("cn", full) | _in_languages("displayName", full)


def _eduperson(account: Account, current: Sequence[Affiliation]) -> dict[str, tuple[str, ...]]:
    affiliations = _affiliations(current)
    return {
        "eduPersonPrincipalName": (f"{account.username}@{settings.SCOPE}",),
        "eduPersonAffiliation": affiliations,
        "eduPersonPrimaryAffiliation": affiliations[:1],
        "eduPersonScopedAffiliation": tuple(f"{name}@{settings.SCOPE}" for name in affiliations),
        "eduPersonEntitlement": tuple(settings.DIRECTORY_ENTITLEMENTS),
    }


def _gunet(
    account: Account, known: Sequence[Affiliation], current: Sequence[Affiliation]
) -> dict[str, tuple[str, ...]]:
    born = next((record.birth_date for record in known if record.birth_date), None)
    gender = next((record.gender for record in known if record.gender != Gender.UNKNOWN), None)
    students = [record for record in current if record.kind == Kind.STUDENT]
    expires = account.expires_at
    return {
        "schacHomeOrganization": (settings.SCOPE,),
        "schacHomeOrganizationType": (settings.DIRECTORY_ORGANIZATION_TYPE,),
        "schacDateOfBirth": (f"{born:%Y%m%d}",) if born else (),
        "schacGender": (str(int(gender)),) if gender is not None and settings.DIRECTORY_GENDER else (),
        "schacPersonalUniqueCode": _distinct([*_student_numbers(students), *_student_identifiers(students)]),
        "schacPersonalUniqueID": _distinct(_insurance_urns(known)),
        "schacExpiryDate": (f"{expires.astimezone(UTC):%Y%m%d%H%M%SZ}",) if expires else (),
        "schacUserStatus": (_urn(settings.DIRECTORY_USER_STATUS_PREFIX, settings.SCOPE, _status(account)),),
        "schGrAcPersonSSN": tuple(record.insurance_number for record in known if _has_amka(record))[:1],
        "schGrAcPersonalLinkageID": _distinct(
            _urn(settings.DIRECTORY_LINKAGE_PREFIX, settings.SCOPE, record.source, record.system_id,
                 *filter(None, [record.registration_number]))
            for record in current
        ),
        "schGrAcEnrollment": _distinct(map(_enrollment, students)),
        "grEduPersonUndergraduateBranch": _branches(students)[:1],
    }  # fmt: skip


# ---- Names --------------------------------------------------------------------------------------------------


def _both(record: Affiliation, field: str) -> tuple[str, str]:
    """The name in Greek, "" where there is none, and in Latin letters: the record's own, else the one proposed."""
    greek, latin = _fit_name(getattr(record, f"{field}_el")), _fit_name(getattr(record, f"{field}_en"))
    return greek, latin or transliteration.propose(greek)


def _in_languages(name: str, both: tuple[str, str]) -> dict[str, tuple[str, ...]]:
    """The plain attribute holds the Latin form."""
    greek, latin = ((text,) if text else () for text in both)
    return {name: latin, f"{name};lang-el": greek, f"{name};lang-en": latin}


def _fit_name(text: str) -> str:
    if not syntax.fits_name(text):
        raise Unfit("name", f"invisible characters, or longer than {syntax.LONGEST_NAME}")
    return syntax.tidy(text)


def _fit_username(username: str) -> str:
    if len(username) > LONGEST_USERNAME or not syntax.USERNAME.fullmatch(username):
        raise Unfit("username", "not made of lower-case letters and digits with single . _ - between")
    return username


# ---- Records ------------------------------------------------------------------------------------------------


def _ordered(account: Account, records: Sequence[Affiliation]) -> list[Affiliation]:
    """The record of the activation first, whose names the account bears, then by kind and age."""

    def place(record: Affiliation) -> tuple[bool, int, int]:
        return record.pk != account.affiliation_id, KINDS.index(Kind(record.kind)), record.pk or 0

    return sorted(records, key=place)


def _affiliations(current: Sequence[Affiliation]) -> tuple[str, ...]:
    """What all current records together make the person, the primary affiliation first."""
    found = {name for record in current for name in settings.DIRECTORY_AFFILIATIONS[record.kind].split()}
    if found & MEMBERS:
        found.add("member")
    return tuple(name for name in PRECEDENCE if name in found)


def _student_numbers(students: Sequence[Affiliation]) -> Iterator[str]:
    prefix = settings.DIRECTORY_PERSONAL_CODE_PREFIX
    for record in students:
        yield _urn(prefix, settings.SCOPE, _department(record), record.registration_number)


def _student_identifiers(students: Sequence[Affiliation]) -> Iterator[str]:
    for record in students:
        yield _urn(settings.DIRECTORY_ESI_PREFIX, settings.SCOPE, getattr(record, settings.DIRECTORY_ESI_CODE))


def _enrollment(record: Affiliation) -> str:
    parts = (record.enrollment_term, record.attendance_type, _department(record))
    return _urn(settings.DIRECTORY_ENROLLMENT_PREFIX, settings.SCOPE, *parts)


def _branches(students: Sequence[Affiliation]) -> tuple[str, ...]:
    first_degrees = {value.casefold() for value in settings.UNDERGRADUATE_ENROLLMENT_TYPES}
    undergraduates = [record for record in students if record.enrollment_type.casefold() in first_degrees]
    return tuple(code for record in undergraduates if syntax.fits_urn(code := _department(record)))


def _insurance_urns(known: Sequence[Affiliation]) -> Iterator[str]:
    """`…:gr:SSN:<AMKA>`, `…:de:SSN:<number>`, `…:cy:EHIC:<card>`.

    Consumers take what stands after `gr:SSN:` for an AMKA, so a Greek number that is none has no form.
    """
    for record in known:
        country, kind, number = record.insurance_country, record.insurance_kind, record.insurance_number
        right = _has_amka(record) if kind == InsuranceKind.AMKA else _has_other(record)
        if right:
            sort = "EHIC" if kind == InsuranceKind.EHIC else "SSN"
            yield _urn(settings.DIRECTORY_PERSONAL_ID_PREFIX, country.lower(), sort, number)


def _has_amka(record: Affiliation) -> bool:
    if record.insurance_kind != InsuranceKind.AMKA or record.insurance_country != insurance.GREECE:
        return False
    try:
        insurance.check_amka(record.insurance_number, birth_date=None, gender=Gender.UNKNOWN)
    except insurance.InsuranceProblem:
        return False
    return True


def _has_other(record: Affiliation) -> bool:
    if record.insurance_kind == InsuranceKind.FOREIGN and record.insurance_country == insurance.GREECE:
        return False
    try:
        insurance.check_other_form(record.insurance_number)
    except insurance.InsuranceProblem:
        return False
    return bool(re.fullmatch("[A-Z]{2}", record.insurance_country))


def _department(record: Affiliation) -> str:
    return record.department.code if record.department else ""


def _status(account: Account) -> str:
    if not account.is_open:
        return "inactive"
    return "blocked" if account.blocked_at else "active"


# ---- URNs ---------------------------------------------------------------------------------------------------


def _urn(prefix: str, *parts: str) -> str:
    """Prefix and parts with colons between; "" when a part is missing or would break the URN.

    Such a value is left out rather than written wrong: `registry.readiness` tells the secretariat.
    """
    return ":".join([prefix, *parts]) if all(map(syntax.fits_urn, parts)) else ""


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Without empty ones, and without those that LDAP takes for the same (RFC 4518: case, compatibility forms)."""
    return tuple({unicodedata.normalize("NFKC", value).casefold(): value for value in values if value}.values())
