"""What stands between a person and their account: the one list for the wizard, the admin and the reports.

Each condition is a small function that says whether it holds for a record, and the same as a condition of a query, for
lists and counts over all records; `CONDITIONS` orders and describes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry import amka_service, insurance, syntax
from registry.contacts import mask_date, mask_text
from registry.models import Affiliation, InsuranceKind, Kind, Status


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
    """`text` says it where it holds, `lack` what is the matter where it doesn't."""

    code: str
    text: str | Promise
    lack: str | Promise
    hindrance: Hindrance
    holds: Callable[[Affiliation], bool]
    # The records for which it does not hold.
    fails: Callable[[], Q]
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


def _username_has_form(record: Affiliation) -> bool:
    return syntax.is_username(record.username) or not record.username


def _has_surname(record: Affiliation) -> bool:
    return bool(record.surname.strip())


def _names_fit(record: Affiliation) -> bool:
    names = (record.first_name_el, record.first_name_en, record.last_name_el, record.last_name_en)
    return all(map(syntax.fits_name, names))


def _number_fits(record: Affiliation) -> bool:
    return syntax.fits_urn(record.registration_number) or not record.registration_number


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


def _amka_fails() -> Q:
    return Q(amka_flaw__in=insurance.FLAWS_OF_FORM) if amka_service.is_online() else ~Q(amka_flaw="")


def _username_lacks_form() -> Q:
    shortest, longest = syntax.SHORTEST_USERNAME, syntax.LONGEST_USERNAME
    has_form = Q(username__regex=f"^{syntax.USERNAME.pattern}$") & Q(username__regex=f"^.{{{shortest},{longest}}}$")
    return ~Q(username="") & ~has_form


def _names_hide_something() -> Q:
    names = ("first_name_el", "first_name_en", "last_name_el", "last_name_en")
    found = Q(pk__in=[])
    for name in names:
        found |= Q(**{f"{name}__regex": syntax.INVISIBLE})
    return found


def _institutional() -> Q:
    found = Q(pk__in=[])
    for own in settings.INSTITUTIONAL_DOMAINS:
        found |= Q(email__endswith=f"@{own}") | Q(email__endswith=f".{own}")
    return found


def is_institutional(email: str) -> bool:
    """Whether the address is in one of the institution's own domains: unreadable before the account exists."""
    domain = email.rpartition("@")[2]
    return any(domain == own or domain.endswith(f".{own}") for own in settings.INSTITUTIONAL_DOMAINS)


CONDITIONS = (
    Condition(
        "username",
        _("The record has a username"),
        _("no username"),
        Hindrance.MISSING,
        _has_username,
        lambda: Q(username=""),
    ),
    # It is in addresses and in the directory for good: better no account than one by a name that can't be there.
    Condition(
        "username_form",
        _("The username has 4 to 20 lower-case Latin letters and digits, with single . _ - between"),
        _("malformed username"),
        Hindrance.MISSING,
        _username_has_form,
        _username_lacks_form,
    ),
    Condition(
        "insurance_number",
        _("The record has an AMKA"),
        _("no AMKA"),
        Hindrance.MISSING,
        _has_insurance,
        lambda: Q(insurance_number="") & ~Q(kind=Kind.STUDENT),
    ),
    Condition(
        "insurance_country",
        _("The record has the country of the AMKA"),
        _("no country of the AMKA"),
        Hindrance.MISSING,
        _has_country,
        lambda: Q(insurance_country="") & ~Q(insurance_number=""),
    ),
    Condition(
        "birth_date",
        _("The record has a birth date"),
        _("no birth date"),
        Hindrance.MISSING,
        _has_birth_date,
        lambda: Q(birth_date=None),
    ),
    Condition(
        "amka",
        _("The AMKA agrees with the birth date and gender"),
        _("wrong AMKA"),
        Hindrance.INSURANCE,
        _amka_agrees,
        _amka_fails,
    ),
    Condition(
        "contact",
        _("The record has a mobile or an e-mail"),
        _("no mobile and no e-mail"),
        Hindrance.CONTACT,
        _has_contact,
        lambda: Q(mobile_given="", email_given=""),
    ),
    Condition(
        "mobile_prefix",
        _("The mobile has the country prefix"),
        _("mobile without country prefix"),
        Hindrance.CONTACT,
        _mobile_has_prefix,
        lambda: Q(mobile="") & ~Q(mobile_given=""),
    ),
    Condition(
        "email_valid",
        _("The e-mail is an address"),
        _("the e-mail is no address"),
        Hindrance.CONTACT,
        _email_is_valid,
        lambda: Q(email="") & ~Q(email_given=""),
    ),
    Condition(
        "email_external",
        _("The e-mail is not one of the institution"),
        _("e-mail of the institution"),
        Hindrance.CONTACT,
        _email_is_external,
        _institutional,
    ),
    # These keep the account, or a value of it, out of the directory until they are mended; it can be opened meanwhile.
    Condition(
        "surname",
        _("The record has a surname"),
        _("no surname"),
        Hindrance.NONE,
        _has_surname,
        lambda: Q(last_name_el="", last_name_en=""),
    ),
    Condition(
        "names_fit",
        _("The names have at most 100 characters and no invisible ones"),
        _("unusable name"),
        Hindrance.NONE,
        _names_fit,
        _names_hide_something,
    ),
    Condition(
        "number_fits",
        _("The registration number has at most 64 characters, no colon and no invisible ones"),
        _("unusable registration number"),
        Hindrance.NONE,
        _number_fits,
        lambda: Q(registration_number__regex=rf":|^ | $|  |{syntax.INVISIBLE}"),
    ),
)
# What comes before all of them, see `Affiliation.is_current`.
CURRENT = _("The source holds the record as current")
# A person with one of these goes no further, whatever contact they type.
STOPPING = (Hindrance.MISSING, Hindrance.INSURANCE)


def findings(record: Affiliation) -> list[Condition]:
    """The conditions that do not hold for this record, in order; no query."""
    return [condition for condition in CONDITIONS if not condition.holds(record)]


def first_hindrance(record: Affiliation) -> Hindrance | None:
    """What stops this record's activation once its contact was found, if anything."""
    found = {condition.hindrance for condition in findings(record)}
    return next((stop for stop in STOPPING if stop in found), None)


def can_activate(record: Affiliation) -> bool:
    """Whether the record is current, nothing is missing or wrong, and one contact at least can be read before there is
    an account; no query.
    """
    return record.is_current and _is_reachable(record) and first_hindrance(record) is None


def in_the_way(record: Affiliation) -> list[Condition]:
    """Those of the findings that keep the person from an account; the rest is worth mending.

    A contact that can't be used is in nobody's way who has another one.
    """
    stops = STOPPING if _is_reachable(record) else (*STOPPING, Hindrance.CONTACT)
    return [condition for condition in findings(record) if condition.hindrance in stops]


def _is_reachable(record: Affiliation) -> bool:
    return bool(record.mobile or (record.email and not is_institutional(record.email)))


def cannot_activate() -> Q:
    """The records of which `can_activate` is false, as a condition of a query."""
    return Q(vanished_at__isnull=False) | Q(status=Status.INACTIVE) | unreachable() | stopped()


def unreachable() -> Q:
    """The records without a contact that can be read before there is an account, as a condition of a query."""
    return Q(mobile="") & (Q(email="") | _institutional())


def stopped() -> Q:
    """The records that can't be activated whatever the contact, as a condition of a query; see `STOPPING`."""
    found = Q(pk__in=[])
    for condition in CONDITIONS:
        if condition.hindrance in STOPPING:
            found |= condition.fails()
    return found


def needs_no_insurance(record: Affiliation) -> bool:
    """Whether the record may go on without the number that it lacks."""
    return not record.insurance_number and _has_insurance(record)


def only_gender_disagrees(record: Affiliation, number: str = "") -> bool:
    """Whether the AMKA, the record's or the one that was typed, would be right but for the record's gender."""
    if amka_service.is_online():
        return False
    kind, number = (InsuranceKind.AMKA, number) if number else (record.insurance_kind, record.insurance_number)
    return insurance.amka_flaw(kind, number, birth_date=record.birth_date, gender=record.gender) == "gender"


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
