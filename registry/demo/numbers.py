"""Chance and numbers of the demo cohort, the same on every machine and version of Python."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

from stdnum import luhn

from registry.models import Gender

Item = TypeVar("Item")

# An AMKA has 5,000 serials per birth date and gender. The uppermost are kept for the fixed people, and the
# student system counts from zero, the personnel system from the middle: so no two people get the same number.
HRMS_SERIALS = 2450
FIXED_SERIALS = 4900


class Chance:
    """Repeatable chance: built on `random()` alone, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 # Invented people are no secret, and must repeat.

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._random.random() * limit)

    def of(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.below((last - first).days + 1))


def amka(birth_date: date, gender: Gender, serial: int) -> str:
    """An AMKA in due form: `DDMMYY`, four digits of which the last is odd for men, the Luhn digit.

    `serial` (0 to 4,999) tells apart people of the same birth date and gender.
    """
    start = f"{birth_date:%d%m%y}{2 * serial + (gender == Gender.MALE):04d}"
    return start + luhn.calc_check_digit(start)


class AmkaBook:
    """Hands out AMKAs, none twice, from a range of serials that belongs to one source."""

    def __init__(self, first_serial: int) -> None:
        self._first_serial = first_serial
        self._given: dict[tuple[date, Gender], int] = defaultdict(int)

    def next(self, birth_date: date, gender: Gender) -> str:
        count = self._given[birth_date, gender]
        self._given[birth_date, gender] += 1
        # 1009 and 2450 have no common factor: the serials look unordered and do not repeat before the range is used.
        return amka(birth_date, gender, self._first_serial + count * 1009 % HRMS_SERIALS)


def mobile(number: int) -> str:
    """A number of the fictitious block; none past its 9,999, where a larger cohort (for benchmarks) does without."""
    return f"+30690000{number:04d}" if 0 < number <= 9999 else ""
