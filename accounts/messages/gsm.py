"""Text for SMS: one segment holds 160 characters of the GSM 7-bit alphabet, but only 70 of any other.

Source of the alphabet: 3GPP TS 23.038, default alphabet and its extension table (whose characters count twice).
"""

import unicodedata

ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
SEGMENT = 160
# Greek capitals that the alphabet has only in their Latin shape.
SHAPES = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")


def gsm_text(text: str) -> str:
    """The text with its Greek words in capitals that the alphabet has; the other words stay as they are."""
    return "".join(_gsm_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _gsm_letter(letter: str) -> str:
    if not "\u0370" <= letter <= "\u03ff" and not "\u1f00" <= letter <= "\u1fff":
        return letter
    capital = unicodedata.normalize("NFD", letter)[0].upper()
    return capital.translate(SHAPES)


def length(text: str) -> int:
    """How many of a segment's 160 places the text takes. Raises `ValueError` where it does not fit the alphabet."""
    if strange := set(text) - ALPHABET - EXTENSION:
        raise ValueError(f"not in the GSM alphabet: {''.join(sorted(strange))}")
    return sum(2 if letter in EXTENSION else 1 for letter in text)
