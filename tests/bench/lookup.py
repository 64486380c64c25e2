"""Milliseconds to find a contact's record among 200,000; the floor is a row read by its primary key."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.bench import report, use
from tests.services.postgresql import postgresql
from tests.services.processes import private_directory
from tests.services.product import manage

ROWS, SLICES, EACH = 200_000, 15, 40


def run() -> None:
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        env = use(state, DATABASE_URL=resources.enter_context(postgresql()))
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        measure(fill())


def fill() -> list[int]:
    """As many students as rows; returns their primary keys in order of their mobiles."""
    from django.db import connection

    from registry.models import Affiliation, Person
    from tests.factories import AffiliationFactory

    people = Person.objects.bulk_create([Person() for _each in range(ROWS)], batch_size=5000)
    records = [
        AffiliationFactory.build(
            person=person, department=None, insurance_kind="", insurance_number="", insurance_country="",
            insurance_digest="", mobile=f"+3069{turn:08}", email=f"person{turn}@example.org",
        )
        for turn, person in enumerate(people)
    ]  # fmt: skip
    made = Affiliation.objects.bulk_create(records, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [record.pk for record in made]


def measure(keys: list[int]) -> None:
    from registry.lookup import find_record
    from registry.models import Affiliation

    chance = random.Random(1)
    values, floors = [], []
    for turn in range(SLICES + 1):
        chosen = chance.sample(range(ROWS), EACH)
        floor = milliseconds(lambda row: Affiliation.objects.get(pk=keys[row]), chosen)
        value = milliseconds(lambda row: find_record(role="student", mobile=f"+3069{row:08}", email=""), chosen)
        if turn:  # The first slice warms up.
            floors.append(floor)
            values.append(value)
    report("lookup", values=values, floors=floors, unit="ms", n=EACH * SLICES)


def milliseconds(read: Callable[[int], Any], rows: list[int]) -> float:
    before = time.perf_counter()
    for row in rows:
        read(row)
    return (time.perf_counter() - before) / len(rows) * 1000
