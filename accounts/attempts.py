"""How one browser session holds an attempt (an activation, a recovery, a change of contact): by a random key.

The attempt's row keeps only the digest of the key. Once a PIN has proved who is there, key and session change, so
that whoever knew the old cookie is left with a key that opens nothing.
"""

import secrets
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def new_key() -> str:
    return secrets.token_urlsafe(32)


def next_key(key: str) -> str:
    """The key after the proof. Two clicks that prove the same arrive at the same key, whichever answer comes last;
    without the installation's secret, the old key does not tell the new one.
    """
    return salted_hmac("accounts.attempts.next", key, algorithm="sha256").hexdigest()


def key_digest(key: str, *, scope: str) -> str:
    """What the row keeps; `scope` names the kind of attempt, so that no key is of use for another kind."""
    return salted_hmac(scope, key, algorithm="sha256").hexdigest()


def move_to_new_session(request: HttpRequest, **values: str) -> None:
    """Go on in a session of another cookie, with these values changed; the old one lives on with what it had."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(dict(request.session.items()) | values)
    request.session = session
