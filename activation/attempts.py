"""The attempt and the browser that makes it: the only module here that touches the session.

The session holds the random key whose digest stands in the `Activation` row. The key changes, with the session, once
the PIN has proved who is there.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from accounts import throttle
from accounts.attempts import key_digest, move_to_new_session, new_key, next_key
from activation import progress
from activation.models import Activation, ActivationLetter, Reached

SESSION_KEY = "activation"
LIFETIME = timedelta(hours=3)
# How long after the right PIN a second click with the old key still counts as the same click: longer than a page that
# could not be shown, because the database went away after the first one, asks people to wait.
REPEAT_GRACE = timedelta(minutes=3)


def start(request: HttpRequest, *, role: str) -> Activation:
    """Begin an attempt in this browser; an earlier one is left behind."""
    key = new_key()
    activation = _create(request, key, role=role)
    request.session[SESSION_KEY] = key
    return activation


def start_proved(request: HttpRequest, *, role: str, letter: ActivationLetter, **facts: Any) -> Activation:
    """Begin an attempt that a letter has opened, in a new session: whoever knew the old cookie is left outside."""
    record = letter.affiliation
    reached = Reached.STARTED | Reached.SENT | Reached.PROVED | Reached.BY_LETTER
    facts |= {"letter": letter, "affiliation": record, "met": record, "contact_at": timezone.now()}
    key = new_key()
    activation = _create(request, key, role=role, store_contacts=False, reached=reached, **facts)
    move_to_new_session(request, **{SESSION_KEY: key})
    return activation


def _create(request: HttpRequest, key: str, **facts: Any) -> Activation:
    return Activation.objects.create(
        key_digest=_key_digest(key),
        language=get_language() or settings.LANGUAGE_CODE,
        address=throttle.client_address(request),
        expires_at=timezone.now() + LIFETIME,
        **facts,
    )


def has_begun(request: HttpRequest) -> bool:
    """Whether this browser once began an attempt, be it still alive or not."""
    return SESSION_KEY in request.session


def current(request: HttpRequest) -> Activation | None:
    """The attempt of this browser, if it is still alive; one query."""
    key = request.session.get(SESSION_KEY)
    return _alive(key_digest=_key_digest(key)) if key else None


def just_proved(request: HttpRequest) -> Activation | None:
    """The attempt of which this browser holds the key from before the PIN, while a second click is still likely."""
    key = request.session.get(SESSION_KEY)
    if not key:
        return None
    since = timezone.now() - REPEAT_GRACE
    return _alive(previous_key_digest=_key_digest(key), pin_verified_at__gt=since)


def change_key(request: HttpRequest, activation: Activation) -> None:
    """Give the attempt a new key, in a new session; the row keeps its facts of the PIN."""
    key = next_key(request.session[SESSION_KEY])
    activation.key_digest = _key_digest(key)
    facts = {fact: getattr(activation, fact) for fact in ("key_digest", "previous_key_digest", "pin_verified_at")}
    proved = Reached.PROVED if activation.correcting_at is None else Reached(0)
    Activation.objects.filter(pk=activation.pk).update(**facts, reached=progress.adding(proved))
    move_to_new_session(request, **{SESSION_KEY: key})


def _alive(**which: Any) -> Activation | None:
    """With its record, person and department: joining a row by its key costs less than asking for it later."""
    found = Activation.objects.select_related("affiliation__person", "affiliation__department")
    try:
        return found.get(expires_at__gt=timezone.now(), **which)
    except Activation.DoesNotExist:
        return None


def _key_digest(key: str) -> str:
    return key_digest(key, scope="activation.flow")
