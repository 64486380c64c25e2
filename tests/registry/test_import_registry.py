import csv
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from registry import readings
from registry.importing import runs
from registry.models import Affiliation, Department, ImportItem, ImportRun, Person, Source
from tests.registry.sheets import csv_bytes, employee, student, write_csv, write_xlsx
from tests.registry.university import sqlite_view

ROOT = Path(__file__).parents[2]
MEMORY_LIMIT_MB = 250


def run(path: Path | str, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_registry", str(path), "--json", *options, stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def status(path: Path | str, *options: str) -> int:
    with pytest.raises(CommandError) as caught:
        call_command("import_registry", str(path), *options, stdout=StringIO())
    assert "\n" not in str(caught.value)
    return int(caught.value.returncode)


@pytest.mark.django_db
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_file_is_imported_and_reported_as_the_contract_says(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / f"students.{'csv' if write is write_csv else 'xlsx'}", student(1), student(2, gender="x"))
    report = run(path)
    reason = report["rejections"][0].pop("reason")
    assert reason
    assert report == {
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "vanished": 0,
        "rejected": 1,
        "kept_corrections": 0,
        "rejections": [{"line": 3, "column": "gender"}],
        "warnings": [],
    }
    assert ImportRun.objects.get().name == path.name


@pytest.mark.django_db
def test_both_systems_are_told_apart(tmp_path: Path) -> None:
    run(write_csv(tmp_path / "s.csv", student()))
    run(write_csv(tmp_path / "h.csv", employee()))
    assert set(Affiliation.objects.values_list("source", flat=True)) == {"sis", "hrms"}
    assert status(tmp_path / "h.csv", "--kind", "sis") == 2


@pytest.mark.django_db
def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    assert run(write_csv(tmp_path / "s.csv", student()), "--dry-run")["added"] == 1
    assert not any(model.objects.exists() for model in (Affiliation, Person, Department, ImportRun))


@pytest.mark.django_db
def test_refused_by_a_guard_rail_is_status_1_unless_forced(tmp_path: Path) -> None:
    run(write_csv(tmp_path / "s.csv", *[student(number) for number in range(1, 5)]))
    few = write_csv(tmp_path / "few.csv", student(1))
    assert status(few) == status(few, "--dry-run") == 1
    assert not Affiliation.objects.exclude(vanished_at=None).exists()
    assert run(few, "--force")["vanished"] == 3


@pytest.mark.django_db
def test_unreadable_sources_are_status_2_and_leave_no_trace(tmp_path: Path) -> None:
    good = csv_bytes(student(1), student(2))
    garbage = {
        "wrong.csv": good.decode().encode("utf-16"),
        "missing.csv": good.replace(b"loginName", b"x"),
        "nul.csv": good.replace(b"systemID", b"s\0"),
        "truncated.xlsx": write_xlsx(tmp_path / "x.xlsx", dict(student())).read_bytes()[:3000],
        "late.csv": good + b'"S3',
    }
    for name, content in garbage.items():
        (tmp_path / name).write_bytes(content)
        assert status(tmp_path / name) == 2, name
    assert status(tmp_path / "none.csv") == status("view") == status("view", "--kind", "sis") == 2
    assert not any(model.objects.exists() for model in (Affiliation, Person, Department, ImportItem))
    # The one that could be opened is remembered, with what was wrong.
    assert [(run.state, bool(run.reason)) for run in ImportRun.objects.all()] == [("unreadable", True)]


@pytest.mark.django_db
def test_no_insurance_number_is_printed_or_stored_in_clear(tmp_path: Path) -> None:
    numbers = ("21030500066", "21030500124", "12:34567890")
    rows = [
        student(n, ssn=ssn, ssnCountry="GR", gender="2" if n != 2 else "x") for n, ssn in enumerate(numbers, start=1)
    ]
    out = StringIO()
    call_command("import_registry", str(write_csv(tmp_path / "s.csv", *rows)), stdout=out)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_affiliation")
        stored = str(cursor.fetchall())
    assert "student1" in stored
    for number in numbers:
        assert number not in out.getvalue() + stored


@pytest.mark.django_db
def test_findings_are_listed_for_people_too(tmp_path: Path) -> None:
    out = StringIO()
    rows = [student(number, gender="x") for number in range(60)]
    call_command("import_registry", str(write_csv(tmp_path / "s.csv", *rows)), stdout=out)
    assert "rejected: 60" in out.getvalue()
    assert out.getvalue().count(", gender: ") == 50


@pytest.mark.slow
def test_100_000_rows_fit_into_memory(tmp_path: Path) -> None:
    """A process of its own, on SQLite: the peak of its resident memory, for a first import and one with changes."""
    environment = os.environ | {
        "UREGISTER_DATABASE_URL": "",
        "UREGISTER_STATE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    for term in ("3", "4"):
        path = tmp_path / f"students{term}.csv"
        write_many(path, 100_000, term)
    program = rf"""
import re
from pathlib import Path

import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
for name in ("students3.csv", "students4.csv", "students4.csv"):
    call_command("import_registry", {str(tmp_path)!r} + "/" + name, "--json")
# Not getrusage(): its peak survives exec, so it would be that of the tests.
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *reports, peak = done.stdout.splitlines()
    figures = [json.loads(report) for report in reports]
    assert [(found["added"], found["changed"], found["unchanged"]) for found in figures] == [
        (100_000, 0, 0),
        (0, 20_000, 80_000),
        (0, 0, 100_000),
    ]
    assert int(peak) <= MEMORY_LIMIT_MB


def write_many(path: Path, number: int, term: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(student())
        for n in range(number):
            own = {"loginName": f"user{n}", "enrollmentTerm": term if n % 5 == 0 else "1"}
            writer.writerow((student(n, ssn=f"C{n}", ssnCountry="CY", mobilePhone=f"+30690{n:07}") | own).values())


@pytest.mark.django_db
def test_a_view_is_imported(tmp_path: Path, settings: Any) -> None:
    settings.VIEWS = {
        "sis": sqlite_view(tmp_path / "sis.sqlite3", [student(1, updated="2026-11-01 08:00:00")]),
        "hrms": {},
    }
    assert run("view", "--dry-run")["added"] == 1
    assert run("view", "--kind", "sis")["added"] == 1
    assert readings.mark(Source.SIS) == '["text", "2026-11-01 08:00:00"]'
    assert status("view", "--kind", "hrms") == 2
    settings.VIEWS["hrms"] = settings.VIEWS["sis"]
    assert status("view") == 2
    runs.queue(source=Source.SIS, name="view", origin="view")
    assert status("view", "--kind", "sis") == 1
