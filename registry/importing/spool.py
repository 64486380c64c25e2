"""A long list that costs little memory: a plan of 100,000 new records has to wait for the end of the source."""

import pickle
import zlib
from collections.abc import Iterator
from typing import Generic, TypeVar

BATCH = 2_000
Item = TypeVar("Item")


class Spool(Generic[Item]):
    """Items in compressed batches. They stay in memory, since nothing of a person may lie about in a plain file."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._latest: list[Item] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, item: Item) -> None:
        self._latest.append(item)
        self._count += 1
        if len(self._latest) == BATCH:
            self._packed.append(zlib.compress(pickle.dumps(self._latest, pickle.HIGHEST_PROTOCOL), level=1))
            self._latest = []

    def batches(self) -> Iterator[list[Item]]:
        """The items in the order in which they were added, in lists of at most `BATCH`."""
        for packed in self._packed:
            yield pickle.loads(zlib.decompress(packed))  # noqa: S301 Packed above; it never left this process.
        if self._latest:
            yield self._latest
