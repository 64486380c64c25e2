"""A proof of work in place of a captcha: asked for only where limits or load call for it.

While it is asked for, a browser with JavaScript pays with seconds of computing, unseen; one without passes under a
stricter limit instead. Challenge and proof are those of the `altcha` library: the page tells a salt and the SHA-256
digest of the salt with a number behind it, and the browser tries numbers. Nothing is kept but that a proof was used.
"""

import base64
import binascii
import json
from datetime import timedelta
from typing import Any

from altcha import v1 as altcha
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import throttle

FIELD = "proof"
# How long a page may stand open before its challenge is too old; a proof is kept as used for longer.
LIFETIME = timedelta(minutes=20)
LONGEST_PROOF = 2000


def challenge(request: HttpRequest, act: str) -> altcha.Challenge | None:
    """What the page has to solve before `act` ("lookup", "signin", "recovery"); None while nothing calls for it."""
    if not settings.PROOF_OF_WORK or not _is_called_for(act, _network(request)):
        return None
    options = altcha.ChallengeOptions(
        max_number=settings.PROOF_OF_WORK,
        hmac_key=_key(),
        expires=timezone.now() + LIFETIME,
        params={"act": act},
    )
    return altcha.create_challenge(options)


def ensure(request: HttpRequest, act: str) -> None:
    """Count the attempt; where too many call for a proof and there is none, under the stricter limit.

    Raises `throttle.TooMany`.
    """
    network = _network(request)
    called_for = _is_called_for(act, network)
    for rule, key in _calm_rules(act, network):
        _count_quietly(rule, key)
    if settings.PROOF_OF_WORK and called_for and not _is_proved(request.POST.get(FIELD, ""), act):
        throttle.count(f"{act}:unproved", network)


def _calm_rules(act: str, network: str) -> tuple[tuple[str, str], ...]:
    """Limits that refuse nobody: past them a proof is asked for."""
    return ((f"{act}:calm", network), ("proof:load", act))


def _is_called_for(act: str, network: str) -> bool:
    return any(throttle.is_spent(rule, key) for rule, key in _calm_rules(act, network))


def _count_quietly(rule: str, key: str) -> None:
    try:
        throttle.count(rule, key)
    except throttle.TooMany:
        return


def _is_proved(text: str, act: str) -> bool:
    """Whether the proof is right, for this act, young enough and used for the first time."""
    proof = _decoded(text)
    if proof is None or altcha.extract_params(proof).get("act") != [act]:
        return False
    right, _error = altcha.verify_solution(proof, _key())
    if not right:
        return False
    try:
        throttle.count("proof:once", str(proof["signature"]))
    except throttle.TooMany:
        return False
    return True


def _decoded(text: str) -> Any:
    """The proof, if it has the form of one; None for anything else that somebody may send."""
    if len(text) > LONGEST_PROOF:
        return None
    try:
        proof = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    names = ("algorithm", "challenge", "salt", "signature")
    if not isinstance(proof, dict) or not all(isinstance(proof.get(name), str) for name in names):
        return None
    return proof if type(proof.get("number")) is int and proof["salt"].isascii() else None


def _key() -> str:
    return salted_hmac("accounts.proof_of_work", "", algorithm="sha256").hexdigest()


def _network(request: HttpRequest) -> str:
    return throttle.network(throttle.client_address(request))
