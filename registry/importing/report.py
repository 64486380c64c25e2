"""What an import did, or would do."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """Something about one row. The reason never holds the value: it may be an insurance number."""

    line: int
    column: str
    reason: str


@dataclass
class Report:
    """Counts of rows.

    `changed` counts records of which something became different, also those that had vanished and are back;
    `vanished` the records that the source has no more. `kept_corrections` counts the corrected fields of the
    source's records, changed or not, that stay corrected after this import. `changed_fields` says of how many records
    each field changes. Rejected rows stay as they were in the mirror: they do not vanish.
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
        names = ("added", "changed", "unchanged", "vanished", "rejected", "kept_corrections")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "rejections": [rejection._asdict() for rejection in self.rejections],
            "warnings": [warning._asdict() for warning in self.warnings],
        }


class Refused(Exception):
    """A guard rail stopped the import; the message is translated, the report says what would have happened."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report
