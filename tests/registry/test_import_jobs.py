"""Imports that workers do: files that were handed over, views on a schedule, and what becomes of a stopped one."""

import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from accounts.messages import alarm
from accounts.models import Message
from registry import import_jobs, queue, readings, uploads
from registry.importing import Refused, UnreadableSource, runs
from registry.models import Affiliation, ImportRun, Source, UploadPiece
from tests.races import race
from tests.registry.mirror import everything
from tests.registry.sheets import csv_bytes, student, write_xlsx
from tests.registry.university import sqlite_view

State = ImportRun.State
Committed = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]
pytestmark = pytest.mark.django_db
UPDATED = {"updated": "2026-11-01 08:00:00"}


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> AbstractContextManager[Any]:
    """What happens within is committed at the end, and the work that waited for it is done."""
    return django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def view(settings: Any, tmp_path: Path) -> Callable[..., None]:
    """`view(row, …)` makes the student system's view hold these rows."""

    def hold(*rows: dict[str, str]) -> None:
        settings.VIEWS = {"sis": sqlite_view(tmp_path / "sis.sqlite3", rows), "hrms": {}}

    return hold


def file(*rows: dict[str, str], name: str = "students.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, csv_bytes(*rows))


def hand_over(upload: SimpleUploadedFile, *, only_plan: bool = False) -> ImportRun:
    extension = uploads.check(upload)
    return import_jobs.take_in(upload, source=Source.SIS, extension=extension, by="olga", only_plan=only_plan)


def read(committed: Any, **options: Any) -> ImportRun:
    with committed(execute=True):
        run = import_jobs.read_view(Source.SIS, **options)
    run.refresh_from_db()
    return run


def quiet(run: ImportRun, state: str, **values: Any) -> ImportRun:
    """As if its worker had been killed some time ago."""
    long_ago = timezone.now() - runs.QUIET - timedelta(seconds=1)
    ImportRun.objects.filter(pk=run.pk).update(**{"state": state, "touched_at": long_ago} | values)
    run.refresh_from_db()
    return run


# ---- Files that are handed over ---------------------------------------------------------------------------------


def test_a_file_is_imported_and_forgotten(committed: Any) -> None:
    with committed:
        run = hand_over(file(student(1), student(2, gender="x")))
        assert run.state == State.QUEUED
        assert UploadPiece.objects.count() == 1
    run.refresh_from_db()
    assert (run.state, run.added, run.rejected, run.started_by) == (State.APPLIED, 1, 1, "olga")
    assert not UploadPiece.objects.exists()


def test_a_workbook_too(committed: Any, tmp_path: Path) -> None:
    content = write_xlsx(tmp_path / "s.xlsx", dict(student(1))).read_bytes()
    with committed:
        run = hand_over(SimpleUploadedFile("S.XLSX", content))
    run.refresh_from_db()
    assert (run.state, run.added) == (State.APPLIED, 1)


def test_what_waits_is_encrypted_and_large_files_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PIECE", 1000)
    content = csv_bytes(*[student(number) for number in range(40)])
    run = hand_over(SimpleUploadedFile("s.csv", content))
    pieces = [bytes(piece.content) for piece in UploadPiece.objects.all()]
    assert len(pieces) == -(-len(content) // 1000)
    assert not [piece for piece in pieces if b"student" in piece]
    with uploads.opened(run.upload) as path:
        assert path.read_bytes() == content


def test_a_plan_only_waits_for_somebody(django_capture_on_commit_callbacks: Committed) -> None:
    before = everything()
    with django_capture_on_commit_callbacks(execute=True):
        run = hand_over(file(student(1)), only_plan=True)
    run.refresh_from_db()
    assert (run.state, run.added, everything()) == (State.PLANNED, 1, before)
    assert not UploadPiece.objects.exists()
    import_jobs.sweep()
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.confirm(run, by="petra")
    run.refresh_from_db()
    assert (run.state, run.confirmed_by, Affiliation.objects.count()) == (State.APPLIED, "petra", 1)
    with pytest.raises(Refused):
        import_jobs.confirm(run, by="petra")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("students.pdf", b"%PDF"),
        ("students", b"a;b"),
        ("students.csv", b""),
        ("students.csv", b"PK\x03\x04 a workbook that was renamed"),
        ("students.csv", b"a\0b"),
        ("students.xlsx", b"a;b"),
        ("students.xlsx", b"PK\x03\x04 no archive"),
    ],
)
def test_files_that_are_none_are_refused_at_once(name: str, content: bytes) -> None:
    with pytest.raises(UnreadableSource):
        uploads.check(SimpleUploadedFile(name, content))


def test_a_bomb_is_refused_before_it_is_kept() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    with translation.override("en"), pytest.raises(UnreadableSource, match="unpacks"):
        uploads.check(SimpleUploadedFile("s.xlsx", packed.getvalue()))


def test_a_file_that_cannot_be_read_says_why(committed: Any) -> None:
    with committed:
        run = hand_over(SimpleUploadedFile("s.csv", csv_bytes(student(1)).replace(b"loginName", b"x")))
    run.refresh_from_db()
    assert run.state == State.UNREADABLE
    assert "loginname" in run.reason
    assert not UploadPiece.objects.exists()


# ---- Views ------------------------------------------------------------------------------------------------------


def test_a_view_is_read_when_it_is_time_and_then_only_what_changed(
    view: Callable[..., None], django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1, **UPDATED), student(2, **UPDATED))
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.read_due_views()
    first = ImportRun.objects.get()
    assert (first.state, first.added, first.complete, first.started_by) == (State.APPLIED, 2, True, "")
    assert not readings.is_due(Source.SIS)
    view(student(2, updated="2026-11-02 08:00:00", lastNameEl="Νέα"), student(3, updated="2026-11-02 09:00:00"))
    second = read(django_capture_on_commit_callbacks, by="olga")
    assert (second.state, second.added, second.changed, second.vanished) == (State.APPLIED, 1, 1, 0)
    assert (second.complete, second.rows_read) == (False, 2)


def test_now_and_then_everything_is_read(
    view: Callable[..., None], settings: Any, django_capture_on_commit_callbacks: Committed
) -> None:
    view(*[student(number, **UPDATED) for number in range(10)])
    read(django_capture_on_commit_callbacks)
    view(*[student(number, **UPDATED) for number in range(9)])
    assert read(django_capture_on_commit_callbacks).vanished == 0
    settings.IMPORT_FULL_HOURS = 0
    last = read(django_capture_on_commit_callbacks)
    assert (last.state, last.complete, last.vanished) == (State.APPLIED, True, 1)


def test_after_a_file_or_an_undo_everything_is_read(
    view: Callable[..., None], django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1, **UPDATED))
    run = read(django_capture_on_commit_callbacks)
    assert readings.mark(Source.SIS)
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.undo(run, by="olga")
    run.refresh_from_db()
    assert (run.state, run.undone_by) == (State.UNDONE, "olga")
    assert readings.mark(Source.SIS) == ""
    assert readings.is_suspended(Source.SIS)
    assert read(django_capture_on_commit_callbacks).complete
    assert readings.mark(Source.SIS)
    with django_capture_on_commit_callbacks(execute=True):
        hand_over(file(student(1)))
    assert readings.mark(Source.SIS) == ""


def test_a_guard_rail_holds_it_until_somebody_confirms_and_the_operator_is_told(
    view: Callable[..., None], settings: Any, django_capture_on_commit_callbacks: Committed
) -> None:
    settings.OPERATOR_EMAIL = "noc@example.org"
    view(*[student(number) for number in range(10)])
    read(django_capture_on_commit_callbacks)
    alarm.watch_imports()
    assert not Message.objects.exists()
    view(student(1))
    run = read(django_capture_on_commit_callbacks)
    assert (run.state, run.vanished) == (State.HELD, 9)
    assert not Affiliation.objects.exclude(vanished_at=None).exists()
    alarm.watch_imports()
    assert f"Import {run.pk} " in Message.objects.get().context["text"]
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.confirm(run, by="olga")
    run.refresh_from_db()
    assert (run.state, run.confirmed_by) == (State.APPLIED, "olga")
    assert Affiliation.objects.exclude(vanished_at=None).count() == 9
    assert readings.trouble(Source.SIS) is None


def test_a_view_that_cannot_be_read_leaves_everything_as_it_was(
    view: Callable[..., None], settings: Any, django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1))
    read(django_capture_on_commit_callbacks)
    before = everything()
    settings.VIEWS = {"sis": settings.VIEWS["sis"] | {"NAME": "v_gone"}, "hrms": {}}
    run = read(django_capture_on_commit_callbacks)
    assert (run.state, everything()) == (State.UNREADABLE, before)
    assert "v_gone" in run.reason
    assert readings.trouble(Source.SIS) == run


def test_only_the_last_import_is_undone_and_once(
    view: Callable[..., None], django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1))
    first = read(django_capture_on_commit_callbacks)
    view(student(1), student(2))
    second = read(django_capture_on_commit_callbacks)
    with pytest.raises(Refused):
        import_jobs.undo(first, by="olga")
    import_jobs.undo(second, by="olga")
    second.refresh_from_db()
    with pytest.raises(Refused):
        import_jobs.undo(second, by="petra")


# ---- Workers that are killed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.QUEUED, State.READING])
def test_what_a_killed_worker_left_is_taken_up_again(
    state: str, view: Callable[..., None], django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1))
    run = quiet(import_jobs.read_view(Source.SIS), state)
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.sweep()
    run.refresh_from_db()
    assert (run.state, run.added) == (State.APPLIED, 1)


@pytest.mark.parametrize("state", [State.PLANNED, State.APPLYING])
def test_also_after_it_was_planned(
    state: str, view: Callable[..., None], django_capture_on_commit_callbacks: Committed
) -> None:
    view(student(1))
    run = import_jobs.read_view(Source.SIS)
    runs.plan(run, import_jobs._rows(run))
    quiet(run, state)
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.sweep()
    run.refresh_from_db()
    assert (run.state, Affiliation.objects.count()) == (State.APPLIED, 1)


def test_also_an_undo(view: Callable[..., None], django_capture_on_commit_callbacks: Committed) -> None:
    view(student(1))
    run = quiet(read(django_capture_on_commit_callbacks), State.APPLIED, undone_by="olga")
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.sweep()
    run.refresh_from_db()
    assert run.state == State.UNDONE


def test_who_works_is_left_alone(view: Callable[..., None], django_capture_on_commit_callbacks: Committed) -> None:
    view(student(1))
    run = import_jobs.read_view(Source.SIS)
    ImportRun.objects.update(state=State.READING)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        import_jobs.sweep()
        with pytest.raises(Refused):
            import_jobs.resume(run)
    assert callbacks == []
    import_jobs.do(run.pk)
    run.refresh_from_db()
    assert run.state == State.READING


def test_what_was_stopped_for_hours_is_given_up(view: Callable[..., None]) -> None:
    view(student(1))
    run = import_jobs.read_view(Source.SIS)
    quiet(run, State.READING, started_at=timezone.now() - runs.LOST - timedelta(minutes=1))
    import_jobs.sweep()
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert readings.trouble(Source.SIS) == run
    import_jobs.read_view(Source.SIS)


def test_no_content_stays_of_what_failed_or_was_given_up(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committed
) -> None:
    given_up, failing = hand_over(file(student(1))), hand_over(file(student(2)))
    runs.refuse(given_up, reason="Not this one.")
    import_jobs.sweep()
    assert set(UploadPiece.objects.values_list("upload_id", flat=True)) == {failing.pk}
    monkeypatch.setattr(import_jobs, "open_source", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        import_jobs.do(failing.pk)
    failing.refresh_from_db()
    assert (failing.state, UploadPiece.objects.count()) == (State.FAILED, 0)


def test_a_file_whose_content_is_gone_is_no_endless_attempt(django_capture_on_commit_callbacks: Committed) -> None:
    run = hand_over(file(student(1)))
    UploadPiece.objects.all().delete()
    quiet(run, State.READING)
    with django_capture_on_commit_callbacks(execute=True):
        import_jobs.sweep()
    run.refresh_from_db()
    assert run.state == State.UNREADABLE


# ---- One at a time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.QUEUED, State.READING, State.APPLYING])
def test_a_view_is_not_read_twice_at_once(state: str, view: Callable[..., None]) -> None:
    view(student(1))
    import_jobs.read_view(Source.SIS)
    ImportRun.objects.update(state=state)
    with pytest.raises(Refused):
        import_jobs.read_view(Source.SIS)
    import_jobs.read_due_views()
    assert ImportRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_begin_at_the_same_moment_one_does(
    view: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "run_here", lambda _work, _key: None)
    view(student(1))
    results = race(*[lambda: import_jobs.read_view(Source.SIS)] * 8)
    assert sorted(type(result).__name__ for result in results) == ["ImportRun", *["Refused"] * 7]
