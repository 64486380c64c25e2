"""Compares the whole directory with all accounts, and has what differs written anew.

The directory is read as a stream, and the accounts that belong to a page of it with a few statements, so memory stays
flat: of 100,000 accounts only the keys are kept.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings

from accounts.directory import Found, Modify, entry, sync
from accounts.directory.batch import asked, is_ours
from accounts.directory.difference import CLASSES, NAME, Desired, difference
from accounts.directory.line import line
from accounts.models import Account, DirectoryEntry

PAGE = 500
# Seconds without any progress after which a repair gives up waiting: what is left stays wanted.
PATIENCE = 60.0
State = DirectoryEntry.State


@dataclass
class Report:
    """Counts of accounts (`missing`, `different`, `equal`) and of entries that are no account's (`foreign`).

    `attributes` says in how many entries each one differs; `findings` are usernames with what was found and which
    attributes. `unrepaired` accounts still differ after a repair: refused, in conflict, or waiting.
    """

    missing: int = 0
    different: int = 0
    foreign: int = 0
    equal: int = 0
    unrepaired: int = 0
    attributes: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, str, list[str]]] = field(default_factory=list)
    # Accounts to be written, by key.
    keys: list[int] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("missing", "different", "foreign", "equal")}

    def as_json(self) -> dict[str, Any]:
        named = [{"username": name, "is": what, "attributes": which} for name, what, which in self.findings]
        return {
            **self.counts(),
            "unrepaired": self.unrepaired,
            "attributes": dict(self.attributes.most_common()),
            "findings": named,
        }

    def note(self, username: str, what: str, attributes: Sequence[str] = ()) -> None:
        setattr(self, what, getattr(self, what) + 1)
        self.attributes.update(attributes)
        self.findings.append((username, what, list(attributes)))


def compare(*, progress: Callable[[int], None] | None = None) -> Report:
    """Read everything and change nothing; `progress` hears of how many entries were compared.

    Raises `DirectoryAway` or `Refused`.
    """
    report, seen, count = Report(), set[int](), 0
    with line() as directory:
        for page in _pages(directory.everybody(asked()), PAGE):
            _compare(page, report, seen, identity=directory.identity)
            count += len(page)
            if progress:
                progress(count)
    accounts = Account.objects.filter(person__isnull=False).order_by("pk")
    for key, username in accounts.values_list("pk", "username").iterator(chunk_size=5000):
        if key not in seen:
            report.note(username, "missing")
            report.keys.append(key)
    return report


def repair(report: Report, *, progress: Callable[[int], None] | None = None) -> None:
    """Have what is missing or different written, here and by the workers, and wait for it."""
    sync.want(report.keys)
    left, moved_at = len(report.keys), time.monotonic()
    while left and time.monotonic() - moved_at < PATIENCE:
        sync.write_due(seconds=1)
        waiting = _count(report.keys, state=State.WAITING)
        if waiting < left:
            left, moved_at = waiting, time.monotonic()
            if progress:
                progress(len(report.keys) - left)
        elif left:
            time.sleep(0.2)
    report.unrepaired = len(report.keys) - _count(report.keys, state=State.EQUAL)


def _count(keys: Sequence[int], **facts: Any) -> int:
    pages = _pages(iter(keys), 5000)
    return sum(DirectoryEntry.objects.filter(account__in=page, **facts).count() for page in pages)


def _pages(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while page := list(islice(iterator, size)):
        yield page


def _compare(page: Sequence[Found], report: Report, seen: set[int], *, identity: str) -> None:
    rows = _rows(page)
    wishes = sync.desired_of([row.account_id for row in rows.values()])
    holders = {row.entry_uuid: row.pk for row in rows.values() if row.entry_uuid}
    for found in page:
        row = rows.get(found.username.lower()) or rows.get(found.uuid)
        wish = wishes.get(row.account_id) if row else None
        if row is None or wish is None:
            report.note(found.username, "foreign")
        elif not isinstance(wish, Desired):
            # Nobody can say what it should be: the account's entry says why.
            seen.add(row.account_id)
            report.note(found.username, "different", [wish.part])
            report.keys.append(row.account_id)
        elif not is_ours(row, wish, found, identity, holders):
            report.note(found.username, "foreign")
        else:
            seen.add(row.account_id)
            _judge(row, wish, found, report)


def _judge(row: DirectoryEntry, wish: Desired, found: Found, report: Report) -> None:
    managed = entry.MANAGED[settings.DIRECTORY_PROFILE]
    known = not row.entry_uuid or row.entry_uuid == found.uuid
    change = difference(wish, found, managed=managed, password_written=row.password_written if known else "")
    differing = _named(change) if change else []
    if found.username.lower() != wish.username.lower():
        differing.insert(0, NAME)
    if not differing:
        report.equal += 1
        return
    report.note(wish.username, "different", differing)
    report.keys.append(row.account_id)


def _named(change: Modify) -> list[str]:
    return [*change.replace, *([CLASSES] if change.add else [])]


def _rows(page: Sequence[Found]) -> dict[str, DirectoryEntry]:
    """The rows of the page's entries, by username in lower case and by `entryUUID`.

    An account without a row gets one in memory: it has never been written.
    """
    names = {found.username.lower() for found in page} | {found.username for found in page}
    rows: dict[str, DirectoryEntry] = {}
    accounts = Account.objects.filter(username__in=names, person__isnull=False)
    named = dict(accounts.values_list("pk", "username"))
    for row in DirectoryEntry.objects.filter(account__in=list(named)):
        rows[named.pop(row.account_id).lower()] = row
    for key, username in named.items():
        rows[username.lower()] = DirectoryEntry(account_id=key)
    strange = [found.uuid for found in page if found.uuid and not _is_known(found, rows)]
    for row in DirectoryEntry.objects.filter(entry_uuid__in=strange) if strange else ():
        rows[row.entry_uuid] = row
    return rows


def _is_known(found: Found, rows: dict[str, DirectoryEntry]) -> bool:
    row = rows.get(found.username.lower())
    return row is not None and row.entry_uuid == found.uuid
