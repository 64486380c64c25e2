"""Some entries, looked at and written together: the fewer waits for the server, the better.

First everything that is there is asked for, then renames are made, then what differs is sent. Where a password is
refused the rest of its entry is written all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.conf import settings

from accounts.directory import Add, Directory, Found, Modify, Refused, Rename, entry
from accounts.directory.claims import Outcome
from accounts.directory.difference import (
    CLASSES,
    NAME,
    Desired,
    addition,
    carries_password,
    difference,
    fingerprint,
    without_password,
)
from accounts.models import DirectoryEntry

State = DirectoryEntry.State
# The password policy's answers.
POLICY = ("quality", "short", "history", "young", "locked")
# The clocks of the directory and of this machine may differ by so much.
SKEW = timedelta(minutes=5)
# So often the directory may say that an entry exists which we do not see.
UNSEEN = 3


def asked() -> tuple[str, ...]:
    """The attributes by which entries are compared."""
    return (CLASSES, *entry.MANAGED[settings.DIRECTORY_PROFILE])


class Batch:
    """`rows` hold what the directory had when it was last written; `wishes` what it should have, by account."""

    def __init__(
        self, directory: Directory, rows: Sequence[DirectoryEntry], wishes: Mapping[int, Desired | entry.Unfit]
    ) -> None:
        self.directory = directory
        self.rows = rows
        self.wishes = wishes
        self.outcomes: list[Outcome] = []

    def write(self) -> list[Outcome]:
        """What became of each entry. Raises `DirectoryAway`, or `Refused` where we may not even look."""
        fit = [(row, wish) for row in self.rows if isinstance(wish := self.wishes.get(row.account_id), Desired)]
        for row in self.rows:
            if isinstance(unfit := self.wishes.get(row.account_id), entry.Unfit):
                self._end(row, State.REFUSED, unfit.code, str(unfit))
        self._send(self._placed(fit))
        return self.outcomes

    # ---- What is there --------------------------------------------------------------------------------------

    def _placed(
        self, fit: Sequence[tuple[DirectoryEntry, Desired]]
    ) -> list[tuple[DirectoryEntry, Desired, Found | None]]:
        """Each with its own entry in the right place, None where there is none yet; others are at their end."""
        names = {name for row, wish in fit for name in (row.username, wish.username) if name}
        there = self.directory.find(sorted(names), asked()) if names else {}
        others = self._held_by_others(there)
        placed: list[tuple[DirectoryEntry, Desired, Found | None]] = []
        moved: list[tuple[DirectoryEntry, Desired, Found]] = []
        for row, wish in fit:
            here, before = there.get(wish.username.lower()), None
            if row.username and row.username.lower() != wish.username.lower():
                before = there.get(row.username.lower())
            if before is not None and is_ours(row, wish, before, self.directory.identity, others):
                moved.append((row, wish, before))
            elif here is None or is_ours(row, wish, here, self.directory.identity, others):
                placed.append((row, wish, here))
            else:
                self._conflict(row)
        return placed + self._renamed(moved, there)

    def _held_by_others(self, there: Mapping[str, Found]) -> dict[str, int]:
        """Which entries some row has written, by `entryUUID`."""
        uuids = [found.uuid for found in there.values() if found.uuid]
        held = DirectoryEntry.objects.filter(entry_uuid__in=uuids) if uuids else DirectoryEntry.objects.none()
        return dict(held.values_list("entry_uuid", "pk"))

    def _renamed(
        self, moved: Sequence[tuple[DirectoryEntry, Desired, Found]], there: Mapping[str, Found]
    ) -> list[tuple[DirectoryEntry, Desired, Found | None]]:
        free = [move for move in moved if move[1].username.lower() not in there]
        for row, _wish, _found in [move for move in moved if move not in free]:
            self._conflict(row)
        answers = self.directory.make([Rename(found.dn, wish.username) for _row, wish, found in free]) if free else []
        renamed: list[tuple[DirectoryEntry, Desired, Found | None]] = []
        for (row, wish, found), refused in zip(free, answers, strict=True):
            if refused is not None:
                self._refused(row, refused)
                continue
            attributes = {name: held for name, held in found.attributes.items() if name.lower() != NAME}
            renamed.append((row, wish, replace(found, dn=wish.dn, username=wish.username, attributes=attributes)))
        return renamed

    # ---- What is sent ---------------------------------------------------------------------------------------

    def _send(self, placed: Sequence[tuple[DirectoryEntry, Desired, Found | None]]) -> None:
        work: list[tuple[DirectoryEntry, Desired, Add | Modify]] = []
        for row, wish, found in placed:
            change = _change(row, wish, found)
            if found is not None:
                row.entry_uuid, row.dn, row.username = found.uuid, found.dn, wish.username
            if change is None:
                self._end(row, State.EQUAL)
            else:
                work.append((row, wish, change))
        answers = self.directory.make([change for _row, _wish, change in work]) if work else []
        self._after(work, answers)

    def _after(
        self, work: Sequence[tuple[DirectoryEntry, Desired, Add | Modify]], answers: Sequence[Refused | None]
    ) -> None:
        added: list[tuple[DirectoryEntry, Desired]] = []
        again: list[tuple[DirectoryEntry, Desired, Add | Modify]] = []
        for (row, wish, change), refused in zip(work, answers, strict=True):
            if refused is not None:
                self._refused(row, refused, adding=isinstance(change, Add))
                if refused.code in POLICY and carries_password(change) and (rest := without_password(change)):
                    again.append((row, wish, rest))
                continue
            if isinstance(change, Add):
                added.append((row, wish))
            if isinstance(change, Add) or carries_password(change):
                row.password_written = fingerprint(wish.password)
            self._end(row, State.EQUAL)
        added += self._without_passwords(again)
        self._know_again(added)

    def _without_passwords(
        self, work: Sequence[tuple[DirectoryEntry, Desired, Add | Modify]]
    ) -> list[tuple[DirectoryEntry, Desired]]:
        """Write the rest; the refusal of the password stands. Returns which of them were added."""
        answers = self.directory.make([change for _row, _wish, change in work]) if work else []
        done = [each for each, refused in zip(work, answers, strict=True) if refused is None]
        return [(row, wish) for row, wish, change in done if isinstance(change, Add)]

    def _know_again(self, added: Sequence[tuple[DirectoryEntry, Desired]]) -> None:
        """Learn under which `entryUUID` the new entries are known from now on."""
        there = self.directory.find([wish.username for _row, wish in added], [NAME]) if added else {}
        for row, wish in added:
            found = there.get(wish.username.lower())
            row.entry_uuid = found.uuid if found else ""
            row.dn, row.username = wish.dn, wish.username

    # ---- What became of it ----------------------------------------------------------------------------------

    def _refused(self, row: DirectoryEntry, refused: Refused, *, adding: bool = False) -> None:
        if refused.code == "exists":
            # Made since we looked: the next look tells whose it is. Or it is hidden from us.
            if row.tries > UNSEEN:
                self._conflict(row)
            else:
                self._end(row, State.WAITING, refused.code, refused.answer)
        elif refused.code == "busy" or (refused.code == "missing" and not adding):
            self._end(row, State.WAITING, refused.code, refused.answer)
        else:
            self._end(row, State.REFUSED, refused.code, refused.answer)

    def _conflict(self, row: DirectoryEntry) -> None:
        self._end(row, State.CONFLICT, "conflict")

    def _end(self, row: DirectoryEntry, state: str, error: str = "", answer: str = "") -> None:
        self.outcomes.append(Outcome(row, state, error, answer))


def _change(row: DirectoryEntry, wish: Desired, found: Found | None) -> Add | Modify | None:
    if found is None:
        return addition(wish)
    # Somebody has put another entry in the place of the one whose password we know.
    known = not row.entry_uuid or row.entry_uuid == found.uuid
    managed = entry.MANAGED[settings.DIRECTORY_PROFILE]
    return difference(wish, found, managed=managed, password_written=row.password_written if known else "")


def is_ours(row: DirectoryEntry, wish: Desired, found: Found, identity: str, holders: Mapping[str, int]) -> bool:
    """Whether the entry is this account's: the one that was written before, or one that only we can have made for it.

    An answer that got lost leaves an entry that we made, after the account was opened, and that no row knows.
    """
    if found.uuid and found.uuid == row.entry_uuid:
        return True
    if holders.get(found.uuid, row.pk) != row.pk:
        return False
    made_since = found.created_at is not None and found.created_at >= wish.opened_at - SKEW
    return found.creator.lower() == identity.lower() and made_since
