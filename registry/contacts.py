"""Mobiles and e-mail addresses: the form in which they are matched, and the form in which a stranger may see them."""

import re
from datetime import date

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# Fixed lengths, so that what is hidden does not tell how long it is.
DOTS = "•••••"
# The longest E.164 number with its plus sign (ITU-T E.164: 15 digits). phonenumbers knows longer ones.
E164_LENGTH = 16
# What nearly all records hold, and what needs no second look; a test compares them with the libraries' answers.
GREEK_MOBILE = re.compile(r"\+3069[0-9]{8}")
USUAL_EMAIL = re.compile(r"[a-z0-9_]{1,60}(?:[.-][a-z0-9_]{1,60}){0,2}@(?:[a-z0-9]{1,60}\.){1,2}[a-z]{2,20}")
PHONE = re.compile(r"(?:\+|00)[0-9 ()\[\]./\-\u2010-\u2015]+")


def mobile_of_record(text: str) -> str:
    """The number in E.164, such as `+306900000001`, or "" when it can't be matched.

    Only a number with its country's prefix (`+` or `00`) counts: without it the record does not say which country's
    it is. Spaces, dashes, dots and brackets are forgiven; letters are not (phonenumbers would dial them).
    """
    if GREEK_MOBILE.fullmatch(text):
        return text
    text = " ".join(text.split())
    if not PHONE.fullmatch(text):
        return ""
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return ""
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return formatted if phonenumbers.is_possible_number(number) and len(formatted) <= E164_LENGTH else ""


def email_of_record(text: str) -> str:
    """The address trimmed and in lower case, or "" when it is none."""
    text = text.strip().lower()
    if USUAL_EMAIL.fullmatch(text):
        return text if len(text) <= 254 else ""
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def mask_mobile(number: str) -> str:
    """`+306900000001` as `+30 •••••001`: the country and the last three digits."""
    if not number:
        return ""
    try:
        code = f"+{phonenumbers.parse(number).country_code} "
    except phonenumbers.NumberParseException:
        code = ""
    return f"{code}{DOTS}{number[-3:]}"


def mask_email(address: str) -> str:
    """`maria@example.org` as `m•••••@example.org`."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}{DOTS}@{domain}" if name else ""


def mask_text(text: str) -> str:
    """`Παπαδοπούλου` as `Π•••••`."""
    return text[:1] + DOTS if text else ""


def mask_date(day: date | None) -> str:
    """`2006-05-14` as `••/••/2006`."""
    return f"••/••/{day.year:04d}" if day else ""
