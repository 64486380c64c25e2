"""Which encoding a Greek text file is in: UTF-8, Windows-1253 or ISO-8859-7, and none by guesswork.

UTF-8 proves itself. The other two give every Greek letter but Ά the same byte, so the bytes in which they differ
decide. Whatever turns into text that no Greek would write is refused rather than imported as mojibake.
"""

import codecs
import re
from pathlib import Path

from django.utils.translation import gettext as _

from registry.sources.columns import UnreadableSource

CHUNK = 1 << 20
ASCII = bytes(range(0x80))
# Where both encodings have their Greek letters (Unicode's mapping tables CP1253.TXT and 8859-7.TXT), Ά aside.
GREEK = bytes({0xB8, 0xB9, 0xBA, 0xBC, 0xBE, 0xBF, *range(0xC0, 0xFF)} - {0xD2})
ALPHA_TONOS = {"cp1253": 0xA2, "iso8859_7": 0xB6}
# UTF-8's two bytes of a Greek letter read as Windows-1252 or -1253: a lead byte's letter, then a sign.
TWICE_ENCODED = re.compile("[ÎÏΞΟ][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2010-\u2122\u0384-\u0386]")
MIXED_WORD = re.compile(r"[A-Za-z][Ά-ώ]|[Ά-ώ][A-Za-z]")
GREEK_WORD = re.compile(r"[A-Za-zΆ-ώ]*[Ά-ώ][A-Za-zΆ-ώ]*")


def detect(path: Path) -> str:
    """The name of the file's encoding for `open`. Raises `UnreadableSource`."""
    encoding = "utf-8-sig"
    if not _decodes(path, encoding) and not _decodes(path, encoding := _single_byte_guess(path)):
        raise UnreadableSource(_wrong())
    _refuse_mojibake(path, encoding)
    return encoding


def _wrong() -> str:
    return _("The text is neither in UTF-8 nor in Windows-1253 or ISO-8859-7.")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte_guess(path: Path) -> str:
    """ISO-8859-7 when its Ά is there and the other's is not; 80–9F are letters or quotes in Windows-1253 only."""
    seen = {"cp1253": 0, "iso8859_7": 0}
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            seen["cp1253"] += len(re.findall(rb"[\x80-\x9f]", chunk))
            for encoding, byte in ALPHA_TONOS.items():
                seen[encoding] += len(re.findall(re.escape(bytes([byte])) + rb"[\xc0-\xfe]", chunk))
    return max(seen, key=lambda encoding: seen[encoding])


def _refuse_mojibake(path: Path, encoding: str) -> None:
    """Judge the first megabyte: it decodes, but is it Greek?"""
    with path.open("rb") as file:
        sample = file.read(CHUNK)
    text = sample.decode(encoding, errors="ignore")
    foreign = len([letter for letter in text if letter > "\x7f"])
    if "\ufffd" in text or len(TWICE_ENCODED.findall(text)) > foreign / 10 + 2:
        raise UnreadableSource(_("The text was damaged by an earlier conversion of its encoding."))
    if not encoding.startswith("utf") and not _looks_greek(sample, text):
        raise UnreadableSource(_wrong())


def _looks_greek(sample: bytes, text: str) -> bool:
    """Nearly all bytes beyond ASCII are Greek letters, and they form words of their own (é in a French name won't)."""
    high = len(sample.translate(None, ASCII))
    greek = high - len(sample.translate(None, ASCII + GREEK + bytes(ALPHA_TONOS.values()))) if high else 0
    words = GREEK_WORD.findall(text)
    mixed = sum(1 for word in words if MIXED_WORD.search(word))
    return greek >= high * 0.9 and mixed * 2 <= len(words)
