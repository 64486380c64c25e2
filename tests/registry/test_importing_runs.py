"""The life of an import: held, confirmed, refused, crashed, undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from registry.corrections import correct
from registry.importing import Refused, UnreadableSource, changes_of, import_records, runs
from registry.importing.staging import PREFIXES, Staging
from registry.models import Affiliation, Correction, Department, ImportItem, ImportRun, Person, Source
from tests.registry.mirror import AMKA, KNOWN, OTHER_AMKA, everything, get, run
from tests.registry.sheets import employee, numbered, student

State, Kind = ImportRun.State, ImportItem.Kind
pytestmark = pytest.mark.django_db


def planned(*rows: dict[str, str], **options: Any) -> ImportRun:
    made = runs.queue(source=Source.SIS, name="test", **options)
    runs.plan(made, numbered(*rows))
    return made


def tables() -> list[str]:
    return [table for table in connection.introspection.table_names() if table.startswith(PREFIXES)]


def revisions() -> dict[str, int]:
    return dict(Affiliation.objects.values_list("system_id", "person__revision"))


# ---- The plan to look at ----------------------------------------------------------------------------------------


def test_a_plan_can_be_looked_at_line_by_line() -> None:
    run(*[student(number, **(KNOWN if number == 2 else {})) for number in range(1, 9)])
    correct(get(3), {"mobile_given": "+306900000099"}, by="office")
    rows = [student(n) for n in range(3, 9)]
    made = planned(
        student(1, lastNameEl="Άλλη", gender="1", departmentID="200"),
        student(2, ssn=OTHER_AMKA, ssnCountry="GR"),
        *rows[:-1],
        student(9),
        student(10, gender="x"),
        started_by="helen",
    )
    assert (made.state, made.started_by, made.rows_read, made.held_records) == (State.PLANNED, "helen", 9, 8)
    lines = {kind: list(made.items.filter(kind=kind)) for kind in Kind}
    assert [(item.system_id, item.line) for item in lines[Kind.ADDED]] == [("S9", 9)]
    assert [item.system_id for item in lines[Kind.VANISHED]] == ["S8"]
    assert [(item.line, item.column) for item in lines[Kind.REJECTED]] == [(10, "gender")]
    first, second = lines[Kind.CHANGED]
    shown = {(change.field, change.before, change.after) for change in changes_of(first)}
    assert ("last_name_el", "Παπαδοπούλου", "Άλλη") in shown
    assert ("department", "100", "200") in shown
    assert [(change.before, change.after) for change in changes_of(second)] == [("•••••••••66", "•••••••••24")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT details FROM registry_importitem")
        assert AMKA not in str(cursor.fetchall())
    [kept] = lines[Kind.KEPT]
    assert [change[2:] for change in changes_of(kept)] == [("+306900000003", "+306900000099")]


def test_what_is_planned_waits_and_is_applied_later_in_one_piece() -> None:
    run(student(1), student(2))
    before = everything()
    made = planned(student(1, lastNameEl="Άλλη"), student(2), student(3))
    assert everything() == before
    runs.apply(made)
    assert (get(1).last_name_el, get(3).last_name_el) == ("Άλλη", "Παπαδοπούλου")
    assert (made.state, made.rows_written, tables()) == (State.APPLIED, 2, [])
    with pytest.raises(Refused):
        runs.apply(made)
    made.refresh_from_db()
    assert made.state == State.APPLIED


def test_a_correction_made_after_the_plan_holds() -> None:
    run(student(1), student(2))
    made = planned(student(1, mobilePhone="+306900000050", enrollmentTerm="4"), student(2, mobilePhone="6900000002"))
    correct(get(1), {"first_name_el": "Μάρθα"}, by="office")
    correct(get(2), {"mobile_given": "6900000002"}, by="office")
    runs.apply(made)
    record = get(1)
    assert (record.first_name_el, record.mobile, record.enrollment_term) == ("Μάρθα", "+306900000050", "4")
    # The source has agreed to the other one, so nothing of it is left to change or to keep.
    assert list(Correction.objects.values_list("affiliation__system_id", "field")) == [("S1", "first_name_el")]
    assert (made.changed, made.unchanged) == (1, 1)
    assert [item.system_id for item in made.items.filter(kind=Kind.CHANGED)] == ["S1"]


# ---- Guard rails ------------------------------------------------------------------------------------------------


def test_too_many_changes_wait_for_a_confirmation(settings: LazySettings) -> None:
    run(*[student(number) for number in range(200)])
    changed = [student(number, enrollmentTerm="4" if number < 101 else "3") for number in range(200)]
    made = planned(*changed)
    assert (made.state, "101" in made.reason) == (State.HELD, True)
    with pytest.raises(Refused):
        runs.apply(made)
    runs.confirm(made, by="helen")
    runs.apply(made)
    assert (made.state, made.confirmed_by) == (State.APPLIED, "helen")
    # Few records are nobody's accident, and who comes back changes nothing that anybody relies on.
    settings.IMPORT_MAX_CHANGED = 0
    assert planned(
        *[student(n, enrollmentTerm="9" if n < 50 else row["enrollmentTerm"]) for n, row in enumerate(changed)]
    )
    run(*changed[:10], force=True)
    assert planned(*changed).state == State.PLANNED


def test_a_held_plan_is_refused_once_another_import_came_in_between() -> None:
    run(*[student(number) for number in range(1, 11)])
    held = planned(student(1))
    assert held.state == State.HELD
    other = runs.queue(source=Source.SIS, name="other")
    runs.read(other, numbered(*[student(number) for number in range(1, 12)]))
    runs.apply(other)
    with pytest.raises(Refused):
        runs.confirm(held, by="helen")
    assert (held.state, tables()) == (State.REFUSED, [])


def test_a_newer_plan_takes_the_place_of_an_older_one() -> None:
    older = planned(student(1))
    newer = planned(student(1), student(2))
    older.refresh_from_db()
    assert (older.state, tables()) == (State.REFUSED, [Staging(newer.pk).staged])
    runs.refuse(newer, reason="no")
    with pytest.raises(Refused):
        runs.apply(newer)


def test_what_cannot_be_read_is_remembered_with_the_reason() -> None:
    def broken(error: Exception) -> Iterator[Any]:
        yield from numbered(student(1))
        raise error

    for error, state in ((UnreadableSource("broken near line 3"), State.UNREADABLE), (OSError(), State.FAILED)):
        made = runs.queue(source=Source.SIS, name="test")
        with pytest.raises(type(error)):
            runs.plan(made, broken(error))
        assert (made.state, bool(made.reason), tables()) == (state, True, [])


def test_an_import_that_is_given_up_while_it_is_read_stops() -> None:
    made = runs.queue(source=Source.SIS, name="test")

    def rows() -> Iterator[Any]:
        yield from numbered(student(1))
        runs.refuse(ImportRun.objects.get(pk=made.pk), reason="no")

    with pytest.raises(Refused):
        runs.plan(made, rows())
    assert (ImportRun.objects.get().state, tables()) == (State.REFUSED, [])


def test_two_workers_do_not_read_the_same_import() -> None:
    made = runs.queue(source=Source.SIS, name="test")

    def rows() -> Iterator[Any]:
        with pytest.raises(Refused):
            runs.plan(ImportRun.objects.get(pk=made.pk), [])
        yield from numbered(student(1))

    assert runs.plan(made, rows()).added == 1
    # One whose worker was killed is read again from the beginning.
    ImportRun.objects.update(state=State.READING, touched_at=timezone.now() - timedelta(minutes=5))
    assert runs.plan(made, numbered(student(1), student(2))).added == 2
    assert made.items.filter(kind=Kind.ADDED).count() == 2


def test_a_plan_that_a_crash_of_the_database_emptied_is_not_applied() -> None:
    made = planned(student(1))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Staging(made.pk).staged}")
    with pytest.raises(Refused):
        runs.apply(made)
    assert (made.state, Affiliation.objects.count()) == (State.REFUSED, 0)


def test_rows_that_did_not_come_stay_where_only_changes_were_asked_for() -> None:
    run(*[student(number) for number in range(1, 6)])
    report = run(student(2, lastNameEl="Άλλη"), student(9), complete=False)
    assert (report.added, report.changed, report.vanished) == (1, 1, 0)
    assert run(complete=False).vanished == 0
    assert Affiliation.objects.filter(vanished_at=None).count() == 6


def test_old_plans_and_lost_imports_are_cleared_away(settings: LazySettings) -> None:
    run(student(1))
    run(student(1), student(2))
    lost = runs.queue(source=Source.SIS, name="lost")
    long_ago = timezone.now() - timedelta(days=settings.KEEP_IMPORTS_DAYS + 1)
    ImportRun.objects.update(planned_at=long_ago)
    ImportRun.objects.filter(pk=lost.pk).update(state=State.READING, touched_at=long_ago)
    Staging(lost.pk).create()
    planned(student(1), student(2))
    lost.refresh_from_db()
    assert lost.state == State.FAILED
    assert set(tables()).isdisjoint(Staging(lost.pk).tables)
    # What the last import did is kept, so that it can be undone.
    assert [item.system_id for item in ImportItem.objects.all()] == ["S2"]


# ---- Crashes ----------------------------------------------------------------------------------------------------


class Crash(DatabaseError):
    pass


@contextmanager
def crash_at(number: int) -> Iterator[list[str]]:
    """The n-th statement from here fails; yields the statements that came so far."""
    seen: list[str] = []

    def execute(run_it: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        if len(seen) == number:
            raise Crash
        return run_it(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield seen


def a_busy_import() -> ImportRun:
    """One that adds, changes, joins, renames, releases and loses."""
    run(employee(**KNOWN), source=Source.HRMS)
    run(*[student(number) for number in range(1, 10)])
    correct(get(3), {"mobile_given": "+306900000099"}, by="office")
    correct(get(4), {"first_name_el": "Μάρθα"}, by="office")
    return planned(
        student(1, **KNOWN),
        student(2, lastNameEl="Άλλη", departmentEl="Τμήμα Μηχανικών Πληροφορικής"),
        student(3, mobilePhone="+306900000099"),
        student(4, enrollmentTerm="4"),
        *[student(number) for number in range(5, 9)],
        student(11, ssn=OTHER_AMKA, ssnCountry="GR"),
        student(12),
    )


def runs_left_by(work: Callable[[ImportRun], object], made: ImportRun) -> int:
    """Let the work fail at each of its statements; returns how many there are. Nothing is ever left of it."""
    before = everything()
    number = 0
    while True:
        number += 1
        savepoint = transaction.savepoint()
        again = ImportRun.objects.get(pk=made.pk)
        try:
            with crash_at(number) as seen:
                work(again)
        except Crash:
            # The database knows nothing of it, and the test's own transaction goes on.
            transaction.set_rollback(False)
            assert everything() == before, f"left by {seen[-1]}"
            transaction.savepoint_rollback(savepoint)
        else:
            transaction.savepoint_rollback(savepoint)
            return number


def test_a_crash_at_any_statement_of_applying_leaves_the_state_before() -> None:
    made = a_busy_import()
    assert runs_left_by(runs.apply, made) > 30
    runs.apply(made)
    assert made.state == State.APPLIED


def test_a_crash_at_any_statement_of_undoing_leaves_the_state_before() -> None:
    made = a_busy_import()
    runs.apply(made)
    assert runs_left_by(lambda again: runs.undo(again, by="helen"), made) > 20


def test_an_import_that_crashed_is_noted_as_failed() -> None:
    made = planned(student(1))
    with crash_at(6), pytest.raises(Crash):
        runs.apply(made)
    made.refresh_from_db()
    assert (made.state, Affiliation.objects.count(), tables()) == (State.FAILED, 0, [])


# ---- Undo -------------------------------------------------------------------------------------------------------


def state() -> dict[str, Any]:
    """What an undo has to bring back: what the records say and with whom they are, not when they were touched."""
    said = {
        record.system_id: {
            field.name: getattr(record, field.attname)
            for field in Affiliation._meta.concrete_fields
            if field.name not in ("updated_at", "insurance_number")
        }
        | {"number": record.insurance_number}
        for record in Affiliation.objects.filter(vanished_at=None)
    }
    kept = ("affiliation", "field", "source_value", "value", "author")
    corrections = list(Correction.objects.order_by("pk").values(*kept))
    persons = list(Person.objects.filter(affiliations__vanished_at=None).distinct().values_list("pk", "identity"))
    departments = list(Department.objects.values_list("code", "name_el", "name_en"))
    return {"said": said, "corrections": corrections, "persons": sorted(persons), "departments": departments}


def test_undo_brings_back_records_corrections_persons_and_names() -> None:
    made = a_busy_import()
    before, others = state(), revisions()
    runs.apply(made)
    assert get(1).person == Affiliation.objects.get(source="hrms").person
    assert all(revisions()[key] > others[key] for key in ("H1", "S2", "S4", "S9"))
    applied = revisions()
    assert runs.undo(made, by="helen").kept == 0
    assert state() == before
    assert (made.state, made.undone_by) == (State.UNDONE, "helen")
    assert all(revisions()[key] > applied[key] for key in ("H1", "S2", "S4", "S9", "S11", "S12"))
    assert get(11).vanished_at is not None
    with pytest.raises(Refused):
        runs.undo(made, by="helen")


def test_the_same_source_is_planned_the_same_again_after_an_undo() -> None:
    made = a_busy_import()
    runs.apply(made)
    counts = (made.added, made.changed, made.unchanged, made.vanished, made.kept_corrections)
    runs.undo(made, by="helen")
    rows = [student(1, **KNOWN), student(2, lastNameEl="Άλλη", departmentEl="Τμήμα Μηχανικών Πληροφορικής")]
    rows += [student(3, mobilePhone="+306900000099"), student(4, enrollmentTerm="4")]
    rows += [*[student(n) for n in range(5, 9)], student(11, ssn=OTHER_AMKA, ssnCountry="GR"), student(12)]
    again = planned(*rows)
    assert (again.added, again.changed, again.unchanged, again.vanished, again.kept_corrections) == counts
    runs.apply(again)
    assert get(11).vanished_at is None
    assert Affiliation.objects.filter(system_id="S11").count() == 1


def test_undo_leaves_what_people_did_meanwhile() -> None:
    run(*[student(number) for number in range(1, 10)])
    made = planned(*[student(n, enrollmentTerm="4", lastNameEl="Άλλη") for n in range(1, 10)], student(11), student(12))
    runs.apply(made)
    correct(get(1), {"last_name_el": "Τρίτη"}, by="office")
    correct(get(11), {"last_name_el": "Τρίτη"}, by="office")
    Person.objects.filter(affiliations__system_id__in=["S2", "S12"]).update(activated_at=timezone.now())
    assert runs.undo(made, by="helen").kept == 3
    assert (get(1).last_name_el, get(1).enrollment_term) == ("Τρίτη", "3")
    assert (get(2).last_name_el, get(2).enrollment_term) == ("Άλλη", "4")
    assert (get(3).last_name_el, get(3).enrollment_term) == ("Παπαδοπούλου", "3")
    assert get(11).vanished_at is get(12).vanished_at is None


def test_only_the_last_import_that_changed_something_can_be_undone() -> None:
    run(student(1))
    first = runs.last_applied(Source.SIS)
    run(student(1), student(2))
    last = runs.last_applied(Source.SIS)
    run(student(1), student(2))
    run(employee(), source=Source.HRMS)
    assert first
    assert last
    with pytest.raises(Refused):
        runs.undo(first, by="helen")
    runs.undo(last, by="helen")
    runs.undo(first, by="helen")
    assert not Affiliation.objects.filter(source=Source.SIS, vanished_at=None).exists()
    ImportItem.objects.all().delete()
    standing = runs.last_applied(Source.HRMS)
    assert standing
    with pytest.raises(Refused):
        runs.undo(standing, by="helen")


def test_import_records_holds_what_is_not_forced_for_somebody_to_confirm() -> None:
    run(*[student(number) for number in range(1, 11)])
    with pytest.raises(Refused):
        import_records(numbered(student(1)), source=Source.SIS, name="few")
    held = ImportRun.objects.get(state=State.HELD)
    runs.confirm(held, by="helen")
    runs.apply(held)
    assert Affiliation.objects.filter(vanished_at=None).count() == 1
