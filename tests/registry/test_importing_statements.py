"""What the importer asks of PostgreSQL beside the rows."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.registry.mirror import run
from tests.registry.sheets import student

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
