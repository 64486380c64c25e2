"""One spelling for a name, however it is written: what a search by name compares.

`fold` brings Greek and Latin letters, capitals, accents, the ways of transliterating (ELOT 743, French, "greeklish"
by sound or by shape) to one key of lower-case Latin letters and `8`. A key is not meant to be read, and different
names may share one: a search shows a few people too many rather than none.
"""

import re
import unicodedata
from functools import lru_cache

# Latin letters in a Greek word are capitals of a keyboard left in the wrong alphabet.
SHAPES = str.maketrans("abehikmnoptxyz", "αβεηικμνορτχυζ")
GREEK = re.compile(r"[α-ω]")
# Greek letters in Latin ones, so that every later rule holds for both spellings alike.
PAIRS = (("ου", "ou"), ("αυ", "af"), ("ευ", "ef"))
LETTERS = str.maketrans(
    dict(zip("αβγδεζηικλμνοπρσςτυφω", "avgdeziiklmnoprsstyfo", strict=True))
    | {"θ": "th", "ξ": "x", "χ": "x", "ψ": "ps", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "e"}
)
# In this order. x stands for χ and ξ, which greeklish does not tell apart; f for β, φ, μπ and the υ of αυ, ευ.
RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"ths\b", "tis"),  # της in greeklish by shape: panagiwths.
        (r"8|9|th", "8"),  # θ
        (r"ch|kh(?=[aeiouywrl])", "x"),  # χ
        (r"ph", "f"),  # φ
        (r"([gd])h(?=[aeiouyw])", r"\1"),  # γ and δ by sound: Ghikas, Dhimitra.
        (r"(?<=[b-df-gj-np-tvxz8])h(?![aeiouyw])", "i"),  # η by shape: dhmhtrhs, elenh.
        (r"(?<=[aeiouyw])h\b", ""),  # Sarah
        (r"h|ks|3", "x"),  # χ, ξ
        (r"4", "ps"),  # ψ
        (r"w|0", "o"),  # ω
        (r"ck|c|q", "k"),
        (r"g[iy](?=[aeou])|(?<!e)yi?(?=[aeou])", "i"),  # Γιάννης, Yannis; Παναγιώτης, Panayiotis, Panayotis.
        (r"o[uy]", "u"),  # ου
        (r"([ae])[uyvf]", r"\1f"),  # αυ, ευ
        (r"[eoy]i|y", "i"),  # ει, οι, υι, υ
        (r"ai", "e"),  # αι
        (r"n?[gk]g|g[kx](?![h])|ng|gk", "g"),  # γγ, γκ
        (r"n[td]", "d"),  # ντ, νδ
        (r"mp|mb|[bv]", "f"),  # μπ, β
        (r"([a-z8])\1+", r"\1"),  # Double letters.
    )
]
# What may follow the last letter typed so far and make one sound with it: ο(υ), α(ι), ν(τ), …
CONTINUATIONS = ("", *"iuyhtgkpsvf")
GREEK_CONTINUATIONS = ("", *"ιυτγκπσβφ")
LONGEST = 255


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """The key of a name, its words in the same order: `Παπαδόπουλος` and `Papadopoulos` are `papadopulos`."""
    words = (_fold_word(word) for word in re.split(r"[\W_]+", _plain(text)))
    return " ".join(filter(None, words))


def search_key(surname: str, first_name: str) -> str:
    """What a record is found by: surname first."""
    return f"{fold(surname)} {fold(first_name)}".strip()[:LONGEST]


def prefixes(text: str) -> set[str]:
    """What the keys of the people that somebody may mean begin with, typed surname first or last.

    The last word may be unfinished, and its last letter the first half of a sound: the `ο` of `παπαδοπο`.
    """
    key = fold(text)
    if not key:
        return set()
    found = {key} | _unfinished(text.rstrip())
    *first_names, surname = key.split()
    if first_names:
        found.add(" ".join([surname, *first_names]))
    return {prefix for prefix in found if not any(prefix != other and prefix.startswith(other) for other in found)}


def _unfinished(text: str) -> set[str]:
    """What the key may begin with once the last word goes on, be it with a consonant or with a vowel."""
    if not text[-1].isalpha():
        return set()
    letters = GREEK_CONTINUATIONS if GREEK.match(_plain(text[-1])) else CONTINUATIONS
    found = set()
    for longer in (text + letter for letter in letters):
        vowel = "o" if _plain(longer[-1]) in "aα" else "a"
        found |= {fold(longer), fold(longer + vowel).removesuffix(vowel)}
    return found


def _fold_word(word: str) -> str:
    if GREEK.search(word):
        word = word.translate(SHAPES)
    for greek, latin in PAIRS:
        word = word.replace(greek, latin)
    word = word.translate(LETTERS)
    for pattern, replacement in RULES:
        word = pattern.sub(replacement, word)
    return re.sub(r"[^a-z8]", "", word)


def _plain(text: str) -> str:
    """Lower case without accents and diaereses; apostrophes belong to the word they stand in."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter) and letter not in "'’ʼ`´")
