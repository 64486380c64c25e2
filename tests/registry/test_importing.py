from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings

from registry import insurance
from registry.importing import Refused, import_records
from registry.models import Affiliation, Department, ImportRun, Source
from registry.sources import BadCell
from tests.registry.mirror import AMKA, KNOWN, counts, everything, get, run
from tests.registry.sheets import employee, numbered, student


@pytest.mark.django_db
def test_the_same_rows_again_change_nothing() -> None:
    rows = [student(number) for number in range(1, 6)]
    run(*rows)
    before = everything()
    assert counts(run(*reversed(rows))) == (0, 0, 5, 0, 0, 0)
    assert everything() == before


@pytest.mark.django_db
def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    run(student(1), student(2), student(3), student(4), student(5), student(6))
    rows = [student(1, lastNameEl="Άλλη"), *[student(number) for number in (2, 3, 4, 5, 7)], student(8, gender="x")]
    before = everything()
    planned = run(*rows, dry_run=True)
    assert everything() == before
    assert ImportRun.objects.count() == 1
    assert counts(planned) == counts(run(*rows)) == (1, 1, 4, 1, 1, 0)
    assert planned.changed_fields == {"last_name_el": 1}


@pytest.mark.django_db
def test_vanished_records_stay_and_return() -> None:
    rows = [student(number) for number in range(1, 7)]
    run(*rows)
    assert run(*rows[1:]).vanished == 1
    gone = get()
    assert gone.vanished_at is not None
    assert run(*rows[1:]).vanished == 0
    report = run(*rows)
    assert (report.changed, report.unchanged, report.changed_fields) == (1, 5, {"vanished_at": 1})
    assert get().vanished_at is None


@pytest.mark.django_db
def test_a_rejected_row_does_not_make_its_record_vanish() -> None:
    run(student(1), student(2))
    report = run(student(1, gender="x"), student(2, lastNameEl="Άλλη"))
    assert counts(report) == (0, 1, 0, 0, 1, 0)
    assert counts(run(student(1, lastNameEl=BadCell("formula")), student(2, lastNameEl="Άλλη"))) == (0, 0, 1, 0, 1, 0)


@pytest.mark.django_db
def test_the_other_system_is_left_alone() -> None:
    run(student(1))
    run(employee(), source=Source.HRMS)
    assert Affiliation.objects.filter(vanished_at=None).count() == 2


@pytest.mark.django_db
def test_an_import_that_would_lose_too_many_is_refused() -> None:
    rows = [student(number) for number in range(1, 11)]
    run(*rows)
    before = everything()
    for few in (rows[:7], []):
        with pytest.raises(Refused) as caught:
            run(*few)
        assert caught.value.report.vanished == 10 - len(few)
    assert everything() == before
    assert run(*rows[:8]).vanished == 2
    assert run(*rows[:1], force=True).vanished == 7


@pytest.mark.django_db
def test_an_empty_source_of_an_empty_mirror_is_fine() -> None:
    assert counts(run()) == (0, 0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_a_failure_half_way_leaves_no_trace() -> None:
    run(student(1))
    before = everything()

    def broken(rows: list[dict[str, str]]) -> Any:
        yield from numbered(*rows)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 Raised right above.
        import_records(broken([student(2), student(3)]), source=Source.SIS, name="test")
    assert everything() == before


@pytest.mark.django_db
def test_an_import_that_came_in_between_refuses_this_one() -> None:
    def rows() -> Any:
        yield from numbered(student(1))
        run(student(2))

    with pytest.raises(Refused):
        import_records(rows(), source=Source.SIS, name="test")
    assert Affiliation.objects.get().system_id == "S2"


@pytest.mark.django_db
def test_departments_are_renamed_but_keep_what_the_source_does_not_know() -> None:
    run(student(1))
    Department.objects.update(email="informatics@example.org")
    run(student(1, departmentEl="Τμήμα Μηχανικών Πληροφορικής", departmentEn=""))
    department = Department.objects.get()
    assert (department.name_el, department.name_en, department.email) == (
        "Τμήμα Μηχανικών Πληροφορικής",
        "Department of Informatics",
        "informatics@example.org",
    )
    run(student(1, departmentID="200", departmentEl="", departmentEn=""))
    assert get().department == Department.objects.get(code="200", name_el="200")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 30])
def test_the_number_of_queries_does_not_grow(number: int, django_assert_max_num_queries: Any) -> None:
    run(*[student(n) for n in range(1, 31)])
    given = [{"ssn": f"A{n}", "ssnCountry": "CY"} if n <= number else {} for n in range(1, 31)]
    with django_assert_max_num_queries(90):
        run(*[student(n, lastNameEl="Άλλη", **values) for n, values in enumerate(given, start=1)])


@pytest.mark.django_db
def test_a_new_key_changes_digests_and_nothing_else(settings: LazySettings) -> None:
    run(student(1, **KNOWN), student(2))
    settings.DATA_KEYS = [Fernet.generate_key().decode(), *settings.DATA_KEYS]
    assert counts(run(student(1, **KNOWN), student(2))) == (0, 0, 2, 0, 0, 0)
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    record = get()
    assert (record.insurance_number, record.insurance_digest) == (AMKA, insurance.digest("GR", AMKA))
    assert record.person.identity == insurance.identity("GR", AMKA, record.birth_date)
