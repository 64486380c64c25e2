"""Rows per second of an import that finds nothing to do; the floor is COPY into a temporary table and one upsert.

`UREGISTER_BENCH_ROWS=1000000 make bench ONLY=import_again` takes another size than 50,000 rows, and fewer slices.
"""

from pathlib import Path

from tests.bench import report
from tests.bench.students import (
    ROWS,
    copy_in,
    copy_out,
    database,
    execute,
    import_file,
    peak_megabytes,
    rate,
    write_students,
)

SIZE = ROWS or 50_000
SLICES = 7 if SIZE < 100_000 else 3


def run() -> None:
    with database() as folder:
        write_students(folder / "students.csv", SIZE)
        import_file(folder / "students.csv")
        execute("VACUUM ANALYZE")
        measure(folder)


def measure(folder: Path) -> None:
    from registry.models import ImportRun

    copy_out("registry_affiliation", folder / "records")
    values, floors = [], []
    for turn in range(SLICES + 1):
        value = rate(lambda: import_file(folder / "students.csv"), SIZE)
        memory = peak_megabytes()
        floor = rate(lambda: upsert(folder / "records"), SIZE)
        if turn:  # The first slice warms up.
            values.append(value)
            floors.append(floor)
    assert not ImportRun.objects.exclude(unchanged=SIZE).exclude(added=SIZE).exists()
    report("import_again", values=values, floors=floors, unit="rows/s", n=SIZE * SLICES, peak_mb=memory)


def upsert(path: Path) -> None:
    """The records into the table that has them: their keys meet, and no column differs."""
    from registry.models import Affiliation

    columns = [field.column for field in Affiliation._meta.concrete_fields if not field.primary_key]
    execute("CREATE TEMPORARY TABLE given (LIKE registry_affiliation)")
    copy_in("given", path)
    execute(
        f"INSERT INTO registry_affiliation ({', '.join(columns)}) SELECT {', '.join(columns)} FROM given "
        "ON CONFLICT (source, system_id, registration_number) DO UPDATE "
        f"SET {', '.join(f'{column} = EXCLUDED.{column}' for column in columns)} "
        f"WHERE ({', '.join(f'registry_affiliation.{column}' for column in columns)}) "
        f"IS DISTINCT FROM ({', '.join(f'EXCLUDED.{column}' for column in columns)})"
    )
    execute("DROP TABLE given")
