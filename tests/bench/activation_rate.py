"""An enrolment day, 20,000 people in two hours who arrive in bursts: milliseconds that each step takes, and memory.

`UREGISTER_BENCH_MINUTES=60 make bench ONLY=activation_rate` takes another length than five minutes. The floor of each
step is what is promised for its slowest hundredth, 500 ms.
"""

import os
import random

from tests.bench import report
from tests.bench.activation_cpu import PEOPLE, execute
from tests.load import crowd
from tests.load.crowd import Crowd, bursts, percentile, times
from tests.load.house import house
from tests.load.soak import RATE, settle

# Read before the settings of the bench take the place of what is set outside.
MINUTES = float(os.environ.get("UREGISTER_BENCH_MINUTES", "5"))
MOST = 500.0
WARM_UP = 40
# Seconds that people take for a page before they send its form.
THINKING = (2.0, 10.0)


def run() -> None:
    with house(people=PEOPLE) as building:
        execute(building, "VACUUM ANALYZE")
        crowd.run(building, lambda people: people.together(WARM_UP, at_once=4))
        settle(building)
        before = building.memory()
        people = crowd.run(building, arrive, taken=WARM_UP)
        settle(building)
        after = building.memory()
        assert not people.lost, people.lost
        tell(people)
        for part in ("web", "worker"):
            report(f"activation_rate memory of {part}", values=[after[part]], floors=[before[part]], unit="MB", n=1)


async def arrive(people: Crowd) -> None:
    chance = random.Random(5)
    moments = bursts(seconds=MINUTES * 60, rate=RATE)
    await people.arrive(moments, lambda: people.next_person(thinks=lambda: chance.uniform(*THINKING)))


def tell(people: Crowd) -> None:
    length = people.met[-1].began - people.met[0].began
    per_second = len(people.done) / length
    report("activation_rate", values=[per_second], floors=[RATE], unit="1/s", n=len(people.done))
    for step, seconds in times(people.met).items():
        p50, p95, p99 = (percentile(seconds, mark) * 1000 for mark in (50, 95, 99))
        marks = {"p50": round(p50, 1), "p95": round(p95, 1)}
        report(f"activation_rate {step}", values=[p99], floors=[MOST], unit="ms", n=len(seconds), **marks)
