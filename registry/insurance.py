"""Insurance numbers: AMKA, the European Health Insurance Card, other countries' numbers.

Which number somebody has is a national identifier (GDPR art. 87): no message, log or exception here holds one.
"""

import re
import unicodedata
from datetime import date
from functools import cache

from babel import Locale
from babel.core import get_global
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from stdnum.util import clean as without

from registry import encryption
from registry.models import Gender, InsuranceKind

GREECE = "GR"
LONGEST = 20
# Twice a digit, and the sum of the digits of that.
DOUBLED = str.maketrans("0123456789", "0246813579")
# Codes of CLDR that ISO 3166-1 reserves or leaves to users: islands, unions, currency zones, tests, Kosovo.
NOT_ISO = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
# Latin capitals that look like Greek ones, as keyboards left in the wrong language write them into surnames.
LOOK_ALIKES = str.maketrans("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")


class InsuranceProblem(ValueError):
    """What is wrong with a number: a stable `code` and a translated `message` that never holds the number."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def clean(text: str) -> str:
    """The number without the spaces, dots and dashes that people write between its digits."""
    # Nearly all are written so; a test compares the short ways here with python-stdnum's answers.
    if text.isascii() and text.isalnum():
        return text
    return "".join(str(without(text, " .-")).split())


def check_amka(number: str, *, birth_date: date | None, gender: int) -> None:
    """Raise `InsuranceProblem` unless the AMKA holds all that can be checked without asking its registry.

    Codes: `digits`, `zeros`, `date` (no such day), `checksum`, `birth_date` (its first six digits are not the record's
    DDMMYY; the century is not in the number), `gender`. Sources: python-stdnum's `stdnum.gr.amka` for the layout.

    The tenth digit (odd for men, even for women) is a failure only where the record says male or female (ISO 5218:
    1, 2): "not known" and "not applicable" contradict nothing. With an AMKA service its answer decides instead,
    because a corrected birth date or gender does not change the number.
    """
    _check_form(number)
    if birth_date and number[:6] != f"{birth_date:%d%m%y}":
        raise InsuranceProblem("birth_date", _("The AMKA and the birth date of the record do not agree."))
    if gender in (Gender.MALE, Gender.FEMALE) and (int(number[9]) % 2 == 1) != (gender == Gender.MALE):
        raise InsuranceProblem("gender", _("The AMKA and the gender of the record do not agree."))


# The codes of `check_amka` that are the number's own fault, whatever the record says beside it.
FLAWS_OF_FORM = ("digits", "zeros", "date", "checksum")


def amka_flaw(kind: str, number: str, *, birth_date: date | None, gender: int) -> str:
    """The code of what `check_amka` finds wrong; "" for a right AMKA, and for what is no AMKA."""
    if kind != InsuranceKind.AMKA or not number:
        return ""
    try:
        check_amka(number, birth_date=birth_date, gender=gender)
    except InsuranceProblem as problem:
        return problem.code
    return ""


def _check_form(number: str) -> None:
    if not re.fullmatch(r"[0-9]{11}", number):
        raise InsuranceProblem("digits", _("An AMKA has 11 digits."))
    if not number.strip("0"):
        raise InsuranceProblem("zeros", _("An AMKA is not made of zeros only."))
    try:
        # The century is not in the number, and every day of 19YY is one of 20YY too. (stdnum's own way to the date
        # takes longer than all the rest that makes an entry of the directory.)
        date(2000 + int(number[4:6]), int(number[2:4]), int(number[:2]))
    except ValueError:
        raise InsuranceProblem("date", _("The first six digits of an AMKA are a date: day, month and year.")) from None
    if not _fits_luhn(number):
        raise InsuranceProblem("checksum", _("The digits of the AMKA do not fit together; one may be mistyped."))


def _fits_luhn(number: str) -> bool:
    """Whether the last of 11 digits is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    return sum(map(int, number[::2] + number[1::2].translate(DOUBLED))) % 10 == 0


def parse_other(country: str, number: str) -> tuple[InsuranceKind, str]:
    """Kind and normal form of a number that is no AMKA: a European card (20 digits) or another country's number.

    Raises `InsuranceProblem` with the codes `country` (not in ISO 3166-1), `greece`, `empty`, `length`, `characters`,
    `zeros`. A `:` can't pass: it would break the URNs that hold the number in the directory.
    """
    country = country.strip().upper()
    if country == GREECE:
        raise InsuranceProblem("greece", _("For Greece, type your AMKA."))
    if country not in country_codes():
        raise InsuranceProblem("country", _("Choose a country."))
    number = clean(number).upper()
    check_other_form(number)
    return kind_of(country, number), number


def check_other_form(number: str) -> None:
    """Raise `InsuranceProblem` unless the number is made of 1 to 20 letters and digits, not of zeros alone."""
    if not number:
        raise InsuranceProblem("empty", _("Type the number."))
    if len(number) > LONGEST:
        raise InsuranceProblem("length", _("The number has at most 20 letters and digits."))
    if not re.fullmatch(r"[A-Z0-9]+", number):
        raise InsuranceProblem("characters", _("The number is made of Latin letters and digits only."))
    if not number.strip("0"):
        raise InsuranceProblem("zeros", _("The number is not made of zeros only."))


def kind_of(country: str, number: str) -> InsuranceKind:
    """What sort of number it is, by its country and shape, right or wrong.

    20 digits are a European card. Up to 11 digits of Greece, or of no country, are an AMKA: one that lost its leading
    zero in a spreadsheet must be called a wrong AMKA, not a right number of another sort.
    """
    if re.fullmatch(r"[0-9]{20}", number):
        return InsuranceKind.EHIC
    if country in (GREECE, "") and re.fullmatch(r"[0-9]{1,11}", number):
        return InsuranceKind.AMKA
    return InsuranceKind.FOREIGN


def mask(number: str) -> str:
    """Dots and the last two digits, the same length for every number."""
    return f"•••••••••{number[-2:]}" if number else ""


def digest(country: str, number: str) -> str:
    """The keyed digest to store beside the encrypted number; "" for no number."""
    return encryption.digest(f"{country}:{number}", purpose="insurance") if number else ""


def digests(country: str, number: str) -> list[str]:
    """The digests to search for, one for each key in use."""
    return encryption.digests(f"{country}:{number}", purpose="insurance") if number else []


def identity(country: str, number: str, birth_date: date | None) -> str | None:
    """The keyed digest by which the same person in two systems is recognised; None while one of the three is missing.

    A number of zeros only stands for a missing one.
    """
    found = identities(country, number, birth_date)
    return found[0] if found else None


def identities(country: str, number: str, birth_date: date | None) -> list[str]:
    """`identity` under each key in use, newest first: what to search for while keys are being replaced."""
    if not (country and number.strip("0") and birth_date):
        return []
    return encryption.digests(f"{country}:{number}:{birth_date:%Y%m%d}", purpose="identity")


# ---- Countries ------------------------------------------------------------------------------------------


@cache
def country_codes() -> frozenset[str]:
    """ISO 3166-1 alpha-2, from Unicode's CLDR as Babel carries it."""
    return frozenset(code for code in _names("en") if re.fullmatch(r"[A-Z]{2}", code)) - NOT_ISO


def _names(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


def country_choices() -> list[tuple[str, str]]:
    """Code and name of every country but Greece, in the reader's language and alphabetical order."""
    return list(_choices("el" if (get_language() or "el").startswith("el") else "en"))


def country_name(code: str) -> str:
    """The country in the reader's language; the code itself when it is none."""
    return _names("el" if (get_language() or "el").startswith("el") else "en").get(code, code)


@cache
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    names = _names(language)
    choices = [(code, names[code]) for code in country_codes() - {GREECE}]
    return tuple(sorted(choices, key=lambda choice: _fold(choice[1])))


def country_code(text: str) -> str:
    """The alpha-2 code of a country that a record names by code (also `GRC`, `EL`, `UK`) or name; "" when unknown."""
    text = text.strip().upper()
    return text if text in country_codes() else _country_names().get(_fold(text), "")


@cache
def _country_names() -> dict[str, str]:
    codes = country_codes()
    known = {}
    # CLDR keeps three-letter codes as aliases of the two-letter ones.
    for alias, current in get_global("territory_aliases").items():
        if len(current) == 1 and current[0] in codes:
            known[_fold(alias)] = current[0]
    for language in ("en", "el"):
        known |= {_fold(name): code for code, name in _names(language).items() if code in codes}
    # The European Union writes EL for Greece (Interinstitutional Style Guide, 7.1.1).
    return known | {"el": GREECE, "ελ": GREECE}


# ---- Surnames -------------------------------------------------------------------------------------------


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def same_surname(a: str, b: str) -> bool:
    """Whether two spellings are one Greek surname, by the rule of GUnet's own AMKA validator.

    Latin look-alikes count as the Greek capitals they look like, case, accents and final sigma do not matter, only
    Greek letters and spaces are kept; one letter more, less or other is forgiven.
    """
    first, second = _greek_letters(a), _greek_letters(b)
    return bool(first and second) and (first == second or _one_edit_apart(first, second))


def _greek_letters(text: str) -> str:
    folded = _fold(text.upper().translate(LOOK_ALIKES)).replace("ς", "σ")
    return " ".join(re.sub(r"[^α-ω ]", "", folded).split())


def _one_edit_apart(a: str, b: str) -> bool:
    shorter, longer = sorted((a, b), key=len)
    start = next((i for i, (x, y) in enumerate(zip(shorter, longer, strict=False)) if x != y), len(shorter))
    if len(shorter) == len(longer):
        return shorter[start + 1 :] == longer[start + 1 :]
    return shorter[start:] == longer[start + 1 :]
