"""Brings the demo cohort into the registry the way an operator would: as files, through the importer."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from registry import importing
from registry.demo.cohort import SEED, hrms_rows, sis_rows
from registry.demo.departments import DEPARTMENTS
from registry.demo.rows import write_csv
from registry.models import Department, ImportRun, Source
from registry.sources import open_source

ROWS: Mapping[Source, Callable[[], Iterable[Mapping[str, str]]]] = {Source.SIS: sis_rows, Source.HRMS: hrms_rows}


def load_cohort() -> list[importing.Report]:
    """Import what is not there yet; no report for a source whose cohort was imported before.

    Raises what the importer raises: it refuses, for one, where the cohort would push other people's records out.
    """
    with TemporaryDirectory(prefix="uregister-demo-") as folder:
        reports = [_import(source, Path(folder)) for source in ROWS if not _is_loaded(source)]
    for department in DEPARTMENTS:
        Department.objects.filter(code=department.code, email="").update(email=department.email, phone=department.phone)
    return reports


def _name(source: Source) -> str:
    return f"demo-cohort-{SEED}-{source}.csv"


def _is_loaded(source: Source) -> bool:
    return ImportRun.objects.filter(source=source, name=_name(source), state=ImportRun.State.APPLIED).exists()


def _import(source: Source, folder: Path) -> importing.Report:
    path = folder / _name(source)
    write_csv(path, ROWS[source]())
    return importing.import_records(open_source(path, source), source=source, name=path.name)
