"""What usernames, names and numbers must look like so that a directory can hold them."""

import re
import unicodedata

# GUnet's form of a login name: lower-case letters and digits with single . _ - between.
USERNAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
SHORTEST_USERNAME, LONGEST_USERNAME = 4, 20
# The invisible characters that are met in records, for a database's regular expressions: controls, zero-width and
# direction marks. `str.isprintable` knows a few more.
INVISIBLE = "[\u0001-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]"
# As long as the fields of a record.
LONGEST_NAME = 100
LONGEST_PART = 64


def tidy(text: str) -> str:
    """Composed (NFC), without blanks around it and with single ones inside."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_username(text: str) -> bool:
    return SHORTEST_USERNAME <= len(text) <= LONGEST_USERNAME and bool(USERNAME.fullmatch(text))


def fits_name(text: str) -> bool:
    """Whether nothing invisible is in the name and it is not longer than a record's field."""
    text = tidy(text)
    # Str.isprintable is false for controls, NUL, zero-width and direction marks, halves of surrogates.
    return text.isprintable() and len(text) <= LONGEST_NAME


def fits_urn(part: str) -> bool:
    """Whether it can stand between two colons of a URN; letters of any script may, as registration numbers have."""
    return bool(part) and ":" not in part and tidy(part) == part and part.isprintable() and len(part) <= LONGEST_PART
