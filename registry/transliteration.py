"""Greek names in Latin letters by ELOT 743 (ISO 843, type 2): a proposal for records that hold no Latin form.

Where the record has one it is never recomputed: the passport may deviate from the rule.
"""

import re
import unicodedata
from dataclasses import dataclass

LETTERS = dict(zip("αβγδεζηικλμνοπρστυφω", "avgdeziiklmnoprstyfo", strict=True))
LETTERS |= {"θ": "th", "ξ": "x", "χ": "ch", "ψ": "ps"}
PAIRS = {"ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch"}
# Their υ is heard as v or f, by what follows.
DIPHTHONGS = {"αυ": "a", "ευ": "e", "ηυ": "i"}
VOICED = frozenset("αεηιουωβγδζλμνρ")
WORD = re.compile(r"[^\W\d_]+")
ACUTE, GRAVE, CIRCUMFLEX, DIAERESIS = "\u0301", "\u0300", "\u0342", "\u0308"


@dataclass(frozen=True, slots=True)
class _Letter:
    base: str
    accented: bool
    parted: bool  # By a diaeresis from the vowel before it.


NO_LETTER = _Letter("", accented=False, parted=False)


def propose(text: str) -> str:
    """`Ευαγγελία Μπάρμπα` as `Evangelia Barmpa`; what is not Greek stays as it is."""
    return WORD.sub(lambda word: _word(word[0]), unicodedata.normalize("NFC", text))


def _word(word: str) -> str:
    letters = [_letter(character) for character in word]
    shouted = word.isupper() and len(word) > 1
    latin, place = "", 0
    while place < len(word):
        sound, length = _sound(letters, place)
        written = word[place : place + length]
        latin += _cased(sound, written, shouted=shouted) if sound else written
        place += length
    return latin


def _letter(character: str) -> _Letter:
    base, *marks = list(unicodedata.normalize("NFD", character.lower()))
    accented = bool({ACUTE, GRAVE, CIRCUMFLEX} & set(marks))
    return _Letter("σ" if base == "ς" else base, accented, DIAERESIS in marks)


def _sound(letters: list[_Letter], place: int) -> tuple[str, int]:
    """What the letter or pair at this place becomes, "" for what is not Greek, and how many letters that takes."""
    here, after, beyond = [*letters, NO_LETTER, NO_LETTER][place : place + 3]
    pair = here.base + after.base
    if pair == "μπ":
        at_an_edge = place == 0 or beyond is NO_LETTER
        return "b" if at_an_edge else "mp", 2
    # Two vowels are one sound unless the first bears the accent (άυλος) or the second a diaeresis (Ταΰγετος).
    one_sound = not here.accented and not after.parted
    if pair in DIPHTHONGS and one_sound:
        return DIPHTHONGS[pair] + ("v" if beyond.base in VOICED else "f"), 2
    if pair in PAIRS and one_sound:
        return PAIRS[pair], 2
    return LETTERS.get(here.base, ""), 1


def _cased(sound: str, written: str, *, shouted: bool) -> str:
    if shouted:
        return sound.upper()
    return sound.capitalize() if written[0].isupper() else sound
