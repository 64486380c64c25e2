"""Many people who activate at once: how they arrive, and what they met."""

import asyncio
import contextlib
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from tests.load.browser import Browser, Met
from tests.load.gateway import Gateway
from tests.load.house import House
from tests.load.person import Astray, Person


@dataclass
class Crowd:
    """`met` are all requests, `done` the people who saw the last page, `lost` what stopped the others."""

    house: House
    # How many of the records others before them have taken.
    taken: int = 0
    gateway: Gateway = field(default_factory=Gateway)
    met: list[Met] = field(default_factory=list)
    everybody: list[Person] = field(default_factory=list)
    done: list[Person] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def next_person(
        self,
        *,
        thinks: Callable[[], float] = lambda: 0.0,
        comes_back: Callable[[float], float] = lambda seconds: seconds,
        address: str = "",
    ) -> Person:
        """The next one of the records, from an address of their own unless one is given."""
        turn, self.taken = self.taken, self.taken + 1
        number, username = self.house.people[turn]
        own = f"127.{1 + turn // 62500}.{turn // 250 % 250}.{1 + turn % 250}"
        browser = Browser(self.house.proxy.port, self.house.trust, address or own, self.met)
        person = Person(number, username, browser, self.gateway, thinks=thinks, comes_back=comes_back)
        self.everybody.append(person)
        return person

    async def send(self, person: Person) -> None:
        """Let them activate, and note how it ended."""
        try:
            await person.activate()
        except (Astray, OSError, EOFError) as error:
            self.lost.append(f"{person.username}: {error.__class__.__name__} {error}")
        else:
            self.done.append(person)
        finally:
            await person.browser.close()

    async def together(self, people: int, *, at_once: int) -> None:
        """So many people, so many of them at a time, without a pause."""
        turns = asyncio.Semaphore(at_once)

        async def one() -> None:
            async with turns:
                await self.send(self.next_person())

        async with asyncio.TaskGroup() as group:
            for _each in range(people):
                group.create_task(one())

    async def arrive(self, moments: Iterator[float], next_person: Callable[[], Person]) -> None:
        """Somebody begins at each of the moments (seconds from now); returns when the last one is through."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for moment in moments:
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                group.create_task(self.send(next_person()))


def bursts(
    *, seconds: float, rate: float, every: float = 60.0, length: float = 3.0, times: float = 10.0
) -> Iterator[float]:
    """Moments of arrival at this mean rate per second, as when lectures end: each minute some seconds bring many.

    Within and outside the bursts people come independently of one another.
    """
    chance = random.Random(11)
    calm = rate * every / (every + (times - 1) * length)
    moment = 0.0
    while True:
        in_burst = moment % every >= every / 2 and moment % every < every / 2 + length
        moment += chance.expovariate(calm * (times if in_burst else 1))
        if moment >= seconds:
            return
        yield moment


def run(house: House, drive: Callable[[Crowd], Awaitable[None]], *, taken: int = 0) -> Crowd:
    """A crowd before the house, with the gateway that it reads its PINs at."""

    async def play() -> Crowd:
        crowd = Crowd(house, taken)
        gateway = asyncio.create_task(crowd.gateway.serve(house.gateway_port))
        try:
            await drive(crowd)
        finally:
            gateway.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gateway
        return crowd

    return asyncio.run(play())


# ---- What they met ----------------------------------------------------------------------------------------------


def times(met: list[Met]) -> dict[str, list[float]]:
    """Seconds of the requests that were answered with a page or led on, in order of their length, by step."""
    found: dict[str, list[float]] = {}
    for one in met:
        if one.status in (200, 302):
            found.setdefault(one.step, []).append(one.seconds)
    return {step: sorted(seconds) for step, seconds in sorted(found.items(), key=lambda item: item[0][::-1])}


def percentile(ordered: list[float], per_cent: float) -> float:
    return ordered[max(0, math.ceil(len(ordered) * per_cent / 100) - 1)]


def statuses(met: list[Met]) -> Counter[int]:
    return Counter(one.status for one in met)


def middle(values: list[float]) -> float:
    return statistics.median(values) if values else 0.0
