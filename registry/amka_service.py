"""Whether an AMKA is this person's: asked of the service that `settings.AMKA_SERVICE` names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from registry import insurance
from registry.insurance import InsuranceProblem


@dataclass(frozen=True)
class Verdict:
    """The answer: `problem` says what does not agree, `source` which service was asked."""

    problem: InsuranceProblem | None
    source: str

    @property
    def agrees(self) -> bool:
        return self.problem is None


def verify(*, number: str, surname: str, birth_date: date | None, gender: int) -> Verdict:
    """Compare the AMKA with the record's surname, birth date and gender (ISO 5218)."""
    service = SERVICES[settings.AMKA_SERVICE]
    return service(number, surname, birth_date, gender)


def _offline(number: str, _surname: str, birth_date: date | None, gender: int) -> Verdict:
    """What the number itself tells; whose surname it is, only the AMKA registry knows."""
    try:
        insurance.check_amka(number, birth_date=birth_date, gender=gender)
    except InsuranceProblem as problem:
        return Verdict(problem, "offline")
    return Verdict(None, "offline")


SERVICES: dict[str, Callable[[str, str, date | None, int], Verdict]] = {"offline": _offline}
