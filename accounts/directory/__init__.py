"""The directory that the federation, RADIUS and the university's own services read.

entry.py    a person, the records and the account become attributes: no database, no network
line.py     the way to the directory: one open line for each thread
ldap.py     the only module that speaks LDAP; embedded.py stands in for a server where none is set
names.py    distinguished names of people
sync.py     which entries have to be written, and who writes them

What this module holds is the language between them: entries, changes, and why a change was not taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

# Values by attribute name, options included (`cn;lang-el`). Text only: nothing binary is written.
Attributes = Mapping[str, tuple[str, ...]]


class DirectoryAway(Exception):
    """No server answers, or the connection broke: whether the last change was made is not known."""


class Refused(Exception):
    """The directory answered that it will not make the change.

    `code` is one of `exists`, `missing`, `syntax` (a value, an attribute or an object class that the server does not
    take), `forbidden` (the service account may not), `quality`, `short`, `history`, `young`, `locked` (the password
    policy), `busy` (may work later) and `other`. `answer` holds the server's own words, without values of ours.
    """

    def __init__(self, code: str, answer: str = "") -> None:
        super().__init__(f"{code}: {answer}")
        self.code = code
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as the directory holds it, with the attributes that were asked for and that are there.

    `uuid` is its `entryUUID`; `creator` and `created_at` say who added it and when (RFC 4512), `locked_at` that the
    password policy has locked it. Empty or None where the server does not tell.
    """

    dn: str
    username: str
    attributes: Attributes
    uuid: str = ""
    creator: str = ""
    created_at: datetime | None = None
    locked_at: str = ""


@dataclass(frozen=True, slots=True)
class Add:
    dn: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Modify:
    """Replace the values of each attribute named; no values remove it. `add` holds values to be added to others."""

    dn: str
    replace: Attributes
    add: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rename:
    """A new username in the same place; the old one is not kept."""

    dn: str
    username: str


Change = Add | Modify | Rename


class Directory(Protocol):
    """An open line to the directory; one thread uses it."""

    @property
    def identity(self) -> str:
        """The name under which the directory knows us, as it stands in `creatorsName`, in lower case."""

    def works(self) -> bool:
        """Whether the server still answers on this line; asks it."""

    def find(self, usernames: Sequence[str], attributes: Sequence[str]) -> dict[str, Found]:
        """The people with these usernames, by username in lower case. Raises `DirectoryAway` or `Refused`."""

    def everybody(self, attributes: Sequence[str]) -> Iterator[Found]:
        """All people, streamed in pages. Raises `DirectoryAway` or `Refused`."""

    def make(self, changes: Sequence[Change]) -> list[Refused | None]:
        """Make the changes, several under way at once; what became of each, None for done.

        Raises `DirectoryAway` when it is not known of all of them. Changes of one call concern different entries.
        """

    def close(self) -> None: ...
