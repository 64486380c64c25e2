"""Rows per second of a first import; the floor is COPY of the same records into an equally indexed table.

`UREGISTER_BENCH_ROWS=1000000 make bench ONLY=import_first` takes another size than 20,000 rows, and fewer slices.
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

SIZE = ROWS or 20_000
SLICES = 5 if SIZE < 100_000 else 1


def run() -> None:
    with database() as folder:
        write_students(folder / "students.csv", SIZE)
        measure(folder)


def measure(folder: Path) -> None:
    values, floors = [], []
    execute("CREATE TABLE floor (LIKE registry_affiliation INCLUDING ALL)")
    for turn in range(SLICES + (SLICES > 1)):
        execute("TRUNCATE floor, registry_affiliation, registry_person, registry_importrun CASCADE")
        value = rate(lambda: import_file(folder / "students.csv"), SIZE)
        memory = peak_megabytes()
        copy_out("registry_affiliation", folder / "records")
        floor = rate(lambda: copy_in("floor", folder / "records"), SIZE)
        if turn or SLICES == 1:  # The first slice warms up.
            values.append(value)
            floors.append(floor)
    report("import_first", values=values, floors=floors, unit="rows/s", n=SIZE * SLICES, peak_mb=memory)
