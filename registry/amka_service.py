"""Whether an AMKA is this person's: asked of the service that `settings.AMKA_SERVICE` names.

GUnet's service compares number, birth date and surname with the AMKA registry. Its answer holds more personal data
than anybody needs here: the match and the current number are read, the rest is dropped. While it cannot be asked,
what the number itself tells decides, and the verdict says so.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from registry import insurance
from registry.insurance import InsuranceProblem

logger = logging.getLogger(__name__)

OFFLINE = "offline"
GUNET = "gunet"
# Seconds to connect, and to wait for the answer: a person is waiting too.
TIMEOUT = (2.0, 5.0)
# The service's error for a number, date and surname that do not belong together.
MISMATCH = "ssnerr002"


class ServiceUnavailable(Exception):
    """The service could not be asked, or did not answer as agreed."""


@dataclass(frozen=True)
class Verdict:
    """The answer: `problem` says what does not agree, `source` who was asked.

    `current_number` is the number that has replaced the one asked about, or "".
    """

    problem: InsuranceProblem | None
    source: str
    current_number: str = ""

    @property
    def agrees(self) -> bool:
        return self.problem is None


def is_online() -> bool:
    """Whether there is a service to ask."""
    return settings.AMKA_SERVICE != OFFLINE


def verify(*, number: str, surname: str, birth_date: date | None, gender: int) -> Verdict:
    """Compare the AMKA with the record's surname, birth date and gender (ISO 5218)."""
    if is_online() and birth_date is not None:
        try:
            return ask(number=number, surname=surname, birth_date=birth_date)
        except ServiceUnavailable:
            logger.warning("The AMKA service can't be asked: the offline check decides")
    return _offline(number, birth_date, gender)


def ask(*, number: str, surname: str, birth_date: date) -> Verdict:
    """Ask GUnet's service; a number that can't be one is not even asked about. Raises `ServiceUnavailable`."""
    form = _offline(number, None, 0)
    if not form.agrees:
        return form
    query = {"ssn": number, "birthdate": birth_date.isoformat(), "surname": surname}
    headers = {"Authorization": f"Token {settings.GUNET_AMKA_TOKEN}", "Accept": "application/json"}
    try:
        response = requests.get(
            settings.GUNET_AMKA_URL, params=query, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
        answer = response.json()
    except (requests.RequestException, ValueError) as error:
        # Not the exception itself: its text holds the address, and that the number.
        logger.warning("The AMKA service failed: %s", error.__class__.__name__)
        raise ServiceUnavailable from None
    return _read(response.status_code, answer, number)


def _read(status: int, answer: Any, number: str) -> Verdict:
    found = answer[0] if isinstance(answer, list) and answer else answer
    if status == 400 and MISMATCH in str(answer):
        return Verdict(_mismatch(), GUNET)
    if status != 200:
        logger.warning("The AMKA service answered %s", status)
        raise ServiceUnavailable
    if not found:
        return Verdict(_mismatch(), GUNET)
    if not isinstance(found, dict) or "match" not in found:
        raise ServiceUnavailable
    if str(found["match"]).lower() != "true":
        return Verdict(_mismatch(), GUNET)
    current = str(found.get("amka_cur") or number)
    if current == number or not _offline(current, None, 0).agrees:
        current = ""
    return Verdict(None, GUNET, current_number=current)


def _mismatch() -> InsuranceProblem:
    return InsuranceProblem("mismatch", _("The AMKA registry does not know this number with this surname and date."))


def _offline(number: str, birth_date: date | None, gender: int) -> Verdict:
    """What the number itself tells; whose surname it is, only the AMKA registry knows."""
    try:
        insurance.check_amka(number, birth_date=birth_date, gender=gender)
    except InsuranceProblem as problem:
        return Verdict(problem, OFFLINE)
    return Verdict(None, OFFLINE)
