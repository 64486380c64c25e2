"""What an import did, or would do."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Under the names that the contract gives them.
COUNTS = ("added", "changed", "unchanged", "vanished", "rejected", "kept_corrections")


class Finding(NamedTuple):
    """Something about one row. The reason never holds the value: it may be an insurance number."""

    line: int
    column: str
    reason: str


@dataclass
class Report:
    """Counts of rows.

    `added` counts records that are new, also those that an undo had taken out again; `changed` records of which
    something became different, also those that had vanished and are back; `vanished` the records that the source has
    no more. `kept_corrections` counts the corrected fields of the source's records, changed or not, that stay
    corrected after this import. `changed_fields` says of how many records each field changes. Rejected rows stay as
    they were in the mirror: they do not vanish.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    kept_corrections: int = 0
    rejections: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    changed_fields: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    def counts(self) -> dict[str, int]:
        """The six figures, under the names that the contract gives them."""
        return {name: getattr(self, name) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "rejections": [rejection._asdict() for rejection in self.rejections],
            "warnings": [warning._asdict() for warning in self.warnings],
        }


class Refused(Exception):
    """An import stopped before it changed anything; the message is translated.

    The report, where there is one, says what would have happened.
    """

    def __init__(self, message: str, report: Report | None = None) -> None:
        super().__init__(message)
        self.report = report or Report()


class Lost(Refused):
    """What had been read is not in the database any more."""
