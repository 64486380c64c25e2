"""A file of as many students as wanted, and the databases in which imports of it are measured."""

import csv
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

from stdnum import luhn

from tests.bench import use
from tests.registry.sheets import STUDENT
from tests.services.postgresql import postgresql
from tests.services.processes import private_directory
from tests.services.product import manage

SURNAMES, FIRST_NAMES, DEPARTMENTS = 5_000, 200, 60
# Days on which somebody is born, in an order that spreads them.
DAYS, STRIDE = 11_000, 7919
LETTERS = dict(zip("αβγδεζηικλμνοπρστυφχψω", "avgdeziiklmnoprstyfxcw", strict=True))
# Read before the settings of the bench take the place of what is set outside.
ROWS = int(os.environ.get("UREGISTER_BENCH_ROWS", "0"))


@contextmanager
def database() -> Iterator[Path]:
    """An empty PostgreSQL with the tables of the product; yields a directory for files."""
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        env = use(state, DATABASE_URL=resources.enter_context(postgresql()))
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        yield state


def write_students(path: Path, rows: int) -> None:
    """Students whose names and numbers are spread as in life: few first names, an AMKA each, all of it valid."""
    chance = random.Random(7)
    surnames = [name(chance, "ίδης", "idis") for _each in range(SURNAMES)]
    first_names = [name(chance, "ος", "os") for _each in range(FIRST_NAMES)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(STUDENT), delimiter=";")
        writer.writeheader()
        for turn in range(rows):
            born = date(1975, 1, 1) + timedelta(days=turn * STRIDE % DAYS)
            gender = chance.choice("12")
            # Two of the same day and number would be one person.
            amka = f"{born:%d%m%y}{turn // DAYS:03}{int(gender) % 2}"
            surname, first, father = chance.choice(surnames), chance.choice(first_names), chance.choice(first_names)
            department = chance.randrange(DEPARTMENTS)
            own = {
                "systemID": f"{turn:08}",
                "registrationID": f"it{turn:07}",
                "ssn": amka + luhn.calc_check_digit(amka),
                "firstNameEl": first[0],
                "firstNameEn": first[1],
                "lastNameEl": surname[0],
                "lastNameEn": surname[1],
                "fatherFirstNameEl": father[0],
                "fatherFirstNameEn": father[1],
                "birthDate": f"{born:%Y%m%d}",
                "gender": gender,
                "departmentID": str(department),
                "departmentEl": f"Τμήμα {department}",
                "departmentEn": f"Department {department}",
                "extEmail": f"student{turn}@example.org",
                "mobilePhone": f"+30690{turn:07}",
                "loginName": f"it{turn:07}",
            }
            writer.writerow(STUDENT | own)


def name(chance: random.Random, greek: str, latin: str) -> tuple[str, str]:
    letters = chance.choices(list(LETTERS), k=chance.randrange(3, 9))
    return "".join(letters).capitalize() + greek, "".join(LETTERS[letter] for letter in letters).capitalize() + latin


def import_file(path: Path) -> None:
    from registry.importing import import_records
    from registry.models import Source
    from registry.sources import open_source

    import_records(open_source(path), source=Source.SIS, name=path.name)


def execute(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def copy_out(table: str, path: Path) -> None:
    from django.db import connection

    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        for block in copy:
            file.write(block)


def copy_in(table: str, path: Path) -> None:
    from django.db import connection

    with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        while block := file.read(1 << 16):
            copy.write(block)


def rate(work: Callable[[], object], rows: int) -> float:
    """Rows per second."""
    before = time.perf_counter()
    work()
    return rows / (time.perf_counter() - before)


def peak_megabytes() -> int:
    """Of this process, which is the one that imports; getrusage() would tell of what was before it, too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) // 1024
