"""The columns of GUnet's views `v_vd_sis` and `v_vd_hrms`, and how a site's own header is read as them.

Names are matched without case, since it differs from site to site, and may be renamed by `settings.SIS_COLUMNS` and
`settings.HRMS_COLUMNS`. Columns that the product does not use are not read.
"""

import unicodedata
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.conf import settings
from django.utils.translation import gettext as _

from registry.models import Source

PERSON = (
    "systemID", "registrationID", "ssn", "ssnCountry", "firstNameEl", "firstNameEn", "lastNameEl", "lastNameEn",
    "fatherFirstNameEl", "fatherFirstNameEn", "birthDate", "gender", "departmentID", "departmentEl", "departmentEn",
    "extEmail", "mobilePhone", "loginName",
)  # fmt: skip
COLUMNS = {
    Source.SIS: (
        *PERSON, "enrollmentStatus", "enrollmentStatusDate", "enrollmentType", "enrollmentTerm", "inscriptionAcYear",
        "attendanceType",
    ),
    Source.HRMS: (
        *PERSON, "academicID", "employeeStatus", "employeeStatusDate", "employeeType", "facultyType", "staffType",
        "contractType",
    ),
}  # fmt: skip
# Without these a file is not what it should be: reading it would empty fields that the product lives on.
NEEDED = {
    "systemID", "ssn", "ssnCountry", "firstNameEl", "lastNameEl", "birthDate", "extEmail", "mobilePhone", "loginName",
}  # fmt: skip
REQUIRED = {
    Source.SIS: NEEDED | {"registrationID", "enrollmentStatus"},
    Source.HRMS: NEEDED | {"employeeStatus", "employeeType"},
}
DATES = frozenset({"birthDate", "enrollmentStatusDate", "employeeStatusDate"})
# No true value comes near it; whatever is longer is damage or an attack.
LONGEST_CELL = 2_000

Row = tuple[int, dict[str, str]]


class UnreadableSource(Exception):
    """The source as a whole can't be read; the message is one translated line without data of the source."""


class BadCell(str):
    """A cell that can't be taken as text. As a string it is the reason."""

    __slots__ = ()


@dataclass
class Reading:
    """An opened source: which system it is, and its rows.

    `complete` says whether the rows are all that it has; `mark` where a later reading of a view may begin, or "".
    """

    source: Source
    rows: Iterator[Row]
    complete: bool = True
    mark: str = ""

    def __iter__(self) -> Iterator[Row]:
        return self.rows

    def close(self) -> None:
        """Let go of the file or the connection before the last row has been read."""
        if isinstance(self.rows, Generator):
            self.rows.close()


@dataclass
class Header:
    """Where the columns stand: `places` holds each standard name with its index in the site's row."""

    source: Source
    places: list[tuple[str, int]]
    width: int

    def __post_init__(self) -> None:
        self._names = [name for name, _place in self.places]
        self._pick = itemgetter(*[place for _name, place in self.places])

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """The cells under their standard names; a longer or shorter row is damaged in some unknown place."""
        if len(cells) == self.width:
            return dict(zip(self._names, self._pick(cells), strict=True))
        return {"systemID": BadCell(_("The row has more or fewer fields than the header."))}


def read_header(cells: Sequence[str], source: Source | None) -> Header:
    """Find the columns of the system in a header row. Raises `UnreadableSource`."""
    names = [cell.strip().casefold() for cell in cells]
    if any(unicodedata.category(letter) == "Cc" for name in names for letter in name):
        raise UnreadableSource(_("The header holds control characters: this is no table of text."))
    source = source or _guess(names)
    wanted = {column: name_at_site(column, source).casefold() for column in COLUMNS[source]}
    missing = [wanted[column] for column in REQUIRED[source] if wanted[column] not in names]
    if missing:
        raise UnreadableSource(_("Columns are missing: %(columns)s.") % {"columns": ", ".join(sorted(missing))})
    twice = sorted({name for name in wanted.values() if names.count(name) > 1})
    if twice:
        raise UnreadableSource(_("Columns stand there twice: %(columns)s.") % {"columns": ", ".join(twice)})
    places = [(column, names.index(name)) for column, name in wanted.items() if name in names]
    return Header(source, places, len(names))


def _guess(names: list[str]) -> Source:
    """The one system whose status column is there."""
    marks = {Source.SIS: "enrollmentStatus", Source.HRMS: "employeeStatus"}
    found = [source for source, column in marks.items() if name_at_site(column, source).casefold() in names]
    if len(found) != 1:
        raise UnreadableSource(
            _("The header is neither that of a student system nor of a personnel system; --kind says which it is.")
        )
    return found[0]


def name_at_site(column: str, source: Source) -> str:
    configured = settings.SIS_COLUMNS if source == Source.SIS else settings.HRMS_COLUMNS
    return str(configured.get(column, column))


def all_checked(cells: list[str]) -> list[str]:
    """Each cell as `checked` has it. One look at the whole row tells that nothing is wrong with most of them."""
    row = "\n".join(cells)
    if len(row) <= LONGEST_CELL and row[:1] not in ("=", "@") and "\n=" not in row and "\n@" not in row:
        return cells
    return [checked(cell) if len(cell) > 1 else cell for cell in cells]


def checked(text: str) -> str:
    """The text, or a `BadCell` when no true value looks like it: far too long, or a formula."""
    if len(text) > LONGEST_CELL:
        return BadCell(_("The field is far too long."))
    if text[:1] in ("=", "@"):
        return BadCell(_("The field is a formula."))
    return text
