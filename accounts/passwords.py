"""How passwords are hashed, and the rules they must follow: each rule also states itself for the screen.

The clear password passes through memory once: these functions neither keep nor log it.
"""

import re
import secrets
import unicodedata
from base64 import b64encode
from functools import cache
from hashlib import sha512
from typing import Any, Protocol, TypedDict

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, get_default_password_validators
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Longer ones would only cost time to hash; LDAP and RADIUS clients cut them at different lengths.
MAX_LENGTH = 128
# A fragment shorter than this ("ΑΝ", "06") would forbid too much.
LEAST_FRAGMENT = 4
# Sixteen consonants and five vowels that sound alike to a Greek and an English reader.
CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aeiou"
SYLLABLES_OF_A_WORD = 3
WORDS = 4
SALT_BYTES = 16


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with the installation's cost; the directory stores the very same hash as `{ARGON2}…`."""

    def __init__(self) -> None:
        self.memory_cost = settings.ARGON2_MEMORY_KIB
        self.time_cost = settings.ARGON2_TIME_COST
        self.parallelism = settings.ARGON2_PARALLELISM


class Hashes(TypedDict):
    """All that is kept of a password, as `opening.open_account` and `access.change_password` take it.

    `directory_password` is "" unless the operator chose another scheme for the directory than the account's own hash.
    """

    password_hash: str
    directory_password: str


def hashes(password: str) -> Hashes:
    """Takes long, so call it before a transaction begins."""
    other_scheme = settings.DIRECTORY_PASSWORD_SCHEME == "ssha512"  # noqa: S105 The name of a scheme.
    return {
        "password_hash": make_password(password),
        "directory_password": _ssha512(password) if other_scheme else "",
    }


def _ssha512(password: str) -> str:
    """`{SSHA512}` as OpenLDAP's module `pw-sha2` reads it: the digest of password and salt, then the salt."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = sha512(password.encode() + salt).digest()
    return "{SSHA512}" + b64encode(digest + salt).decode()


class Rule(Protocol):
    """What a validator is here: Django's interface and a code by which the page ticks it off."""

    code: str

    def validate(self, password: str, user: Any = None) -> None: ...

    def get_help_text(self) -> str: ...


class LengthRule:
    code = "length"

    def __init__(self) -> None:
        self.least = settings.PASSWORD_MIN_LENGTH

    def validate(self, password: str, user: Any = None) -> None:
        if not self.least <= len(password) <= MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code=self.code)

    def get_help_text(self) -> str:
        text = ngettext("At least %(least)d character", "At least %(least)d characters", self.least)
        return text % {"least": self.least}


class AlphabetRule:
    """Latin letters, digits, symbols and inner spaces: what every Wi-Fi and mail client sends the same way."""

    code = "alphabet"

    def validate(self, password: str, user: Any = None) -> None:
        if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", password):
            raise ValidationError(self.get_help_text(), code=self.code)

    def get_help_text(self) -> str:
        return _("Only Latin letters, digits and symbols; spaces only in between")


class PersonalRule:
    """Nothing that others know of the person: username, names, numbers, birth date.

    `user` is an object with `personal_fragments()`, the words as written; other users are not checked.
    """

    code = "personal"

    def validate(self, password: str, user: Any = None) -> None:
        fragments = user.personal_fragments() if hasattr(user, "personal_fragments") else ()
        folded = fold(password)
        if any(len(word) >= LEAST_FRAGMENT and word in folded for word in map(fold, fragments)):
            raise ValidationError(self.get_help_text(), code=self.code)

    def get_help_text(self) -> str:
        return _("Without your username, name, birth date, mobile, registration number or AMKA")


class CommonRule(CommonPasswordValidator):
    """Django's list of the 20,000 most common passwords."""

    code = "common"

    def validate(self, password: str, user: Any = None) -> None:
        try:
            super().validate(password, user)
        except ValidationError:
            raise ValidationError(self.get_help_text(), code=self.code) from None

    def get_help_text(self) -> str:
        return _("Not a common password, such as password123 or qwerty")


def fold(text: str) -> str:
    """Lower case without accents, so that `Παπαδοπούλου` is found in `παπαδοπουλου1`."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def rules() -> tuple[Rule, ...]:
    """The installation's rules in the order of the screen."""
    return tuple(get_default_password_validators())  # type: ignore[arg-type]


def suggest() -> str:
    """A passphrase such as `bodaki-lemuso-zarite-gofuna`, easy to say and to type.

    Twelve syllables, each one of 16 x 5 = 80 with the same probability: log2(80 ** 12) = 75.9 bits. That holds for
    who knows how it is made; the hyphens add nothing. It is made for one page and kept nowhere.
    """
    return "-".join(_word() for _number in range(WORDS))


def _word() -> str:
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _syllable in range(SYLLABLES_OF_A_WORD))
