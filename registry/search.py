"""Finds records by whatever somebody has at hand: a name, a number, a username, a contact."""

import re

import phonenumbers
from django.db.models import Q

from registry import insurance
from registry.contacts import email_of_record, mobile_of_record
from registry.names import fold, prefixes

# Shorter names would find half the university.
LEAST_LETTERS = 3
# Digits that stand for no letter in greeklish, as 8 does for θ.
NUMBER = re.compile(r"[12567]|[0-9]{2}")
TELEPHONE = re.compile(r"\+?[0-9][0-9 ().\-]{5,}")


def matching(text: str) -> Q:
    """Records that `text` names, each way by an index: registration number, username, e-mail, mobile, name.

    Names are found by their beginnings, surname first or last, in Greek or Latin letters and however spelt, see
    `names.fold`. Nothing is found by less than three letters of a name.
    """
    text = " ".join(text.split())
    mail, number = email(text), mobile(text)
    matches = Q(username=text.lower()) | Q(registration_number__in={text, text.upper(), text.lower()})
    if mail:
        matches |= Q(email=mail)
    if number:
        matches |= Q(mobile=number)
    return matches if mail else matches | by_name(text)


def by_name(text: str) -> Q:
    """Records whose name begins as `text` does, surname first or last; none for what is too short or a number."""
    matches = Q(pk__in=[])
    if len(fold(text)) >= LEAST_LETTERS and not NUMBER.search(text):
        for prefix in prefixes(text):
            matches |= Q(search_name__startswith=prefix) | Q(search_name_latin__startswith=prefix)
    return matches


def matching_insurance(text: str) -> Q:
    """Records with exactly this AMKA, by its digest, also where the record lacks its country; none for other texts."""
    number = insurance.clean(text)
    if not re.fullmatch(r"[0-9]{11}", number):
        return Q(pk__in=[])
    return Q(insurance_digest__in=[*insurance.digests(insurance.GREECE, number), *insurance.digests("", number)])


def email(text: str) -> str:
    """The address as records are matched by it; "" when it is none."""
    return email_of_record(text) if "@" in text else ""


def mobile(text: str) -> str:
    """E.164 of what was typed, a Greek number without prefix too; "" when it is no telephone number."""
    if not TELEPHONE.fullmatch(text):
        return mobile_of_record(text)
    try:
        number = phonenumbers.parse(text, "GR")
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
