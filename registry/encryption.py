"""Encryption at rest and keyed digests for national identifiers and other secrets.

The keys are `settings.DATA_KEYS`, newest first: the first one encrypts and digests, all of them decrypt and are
searched for. So a key can be replaced while the service runs.
"""

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@cache
def _digest_key(key: str, purpose: str) -> bytes:
    # Encryption and each kind of digest use keys that tell nothing about one another (RFC 5869).
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"uregister digest {purpose}".encode())
    return derivation.derive(urlsafe_b64decode(key))


def encrypt(text: str) -> str:
    """The text as a Fernet token, authenticated and different at each call; empty stays empty."""
    return _fernet(tuple(settings.DATA_KEYS)).encrypt(text.encode()).decode("ascii") if text else ""


def decrypt(token: str) -> str:
    """The text of a token made under any of the keys; raises `cryptography.fernet.InvalidToken` otherwise."""
    return _fernet(tuple(settings.DATA_KEYS)).decrypt(token).decode() if token else ""


def encrypt_bytes(content: bytes) -> bytes:
    """The content as a Fernet token, a third longer."""
    return _fernet(tuple(settings.DATA_KEYS)).encrypt(content)


def decrypt_bytes(token: bytes) -> bytes:
    """The content of a token made under any of the keys; raises `cryptography.fernet.InvalidToken` otherwise."""
    return _fernet(tuple(settings.DATA_KEYS)).decrypt(token)


def digests(text: str, *, purpose: str) -> list[str]:
    """HMAC-SHA256 of the text under each key, newest first, as 64 hexadecimal digits: what to search for."""
    return [hmac.digest(_digest_key(key, purpose), text.encode(), "sha256").hex() for key in settings.DATA_KEYS]


def digest(text: str, *, purpose: str) -> str:
    """HMAC-SHA256 of the text under the newest key: what to store."""
    return hmac.digest(_digest_key(settings.DATA_KEYS[0], purpose), text.encode(), "sha256").hex()


def digester(prefix: str, *, purpose: str) -> Callable[[str], str]:
    """`digest` for a million texts that begin alike; texts that UTF-8 cannot write are no error."""
    begun = hmac.new(_digest_key(settings.DATA_KEYS[0], purpose), prefix.encode(), "sha256")

    def digest_of(text: str) -> str:
        going_on = begun.copy()
        going_on.update(text.encode("utf-8", "surrogatepass"))
        return going_on.hexdigest()

    return digest_of


class EncryptedTextField(models.TextField):  # type: ignore[type-arg] # Not subscriptable at run time.
    """Text that is plain in Python and a Fernet token in the database. It can't be searched: store a digest too."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value
