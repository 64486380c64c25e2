"""What the importer asks of the database beside the rows, and what it can lose there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from registry.importing import Refused, plan, runs
from registry.importing.staging import PREFIXES, Staging
from registry.models import ImportRun, Source
from tests.registry.mirror import run
from tests.registry.sheets import numbered, student

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not estimate")
def test_postgresql_knows_how_large_the_mirror_is_when_it_joins() -> None:
    """Or it joins row by row: tables that it had found empty made seconds of work last for minutes."""
    with transaction.atomic():
        run(*[student(number) for number in range(50)])
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_affiliation")
    run(*[student(number) for number in range(50)])
    with CaptureQueriesContext(connection) as queries:
        run(*[student(number, lastNameEl="Άλλη") for number in range(5)], *[student(n) for n in range(5, 50)])
    statements = [query["sql"] for query in queries.captured_queries]
    measured = next(turn for turn, sql in enumerate(statements) if sql.startswith("ANALYZE"))
    written = next(turn for turn, sql in enumerate(statements) if sql.startswith("UPDATE registry_affiliation"))
    assert measured < written
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'registry_affiliation'")
        assert cursor.fetchone() == (50,)


def test_a_crash_of_the_database_between_two_batches_lets_nobody_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    run(*[student(number) for number in range(1, 9)])
    monkeypatch.setattr(plan, "BATCH", 2)
    made = runs.queue(source=Source.SIS, name="test")

    def rows() -> Iterator[Any]:
        for line, row in numbered(*[student(number) for number in range(1, 9)]):
            if line == 4:
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {Staging(made.pk).seen}")
            yield line, row

    with pytest.raises(Refused):
        runs.plan(made, rows())
    names = connection.introspection.table_names()
    tables = [table for table in names if table.startswith(PREFIXES)]
    assert (made.state, bool(made.reason), tables) == (ImportRun.State.FAILED, True, [])
