"""The progress of the intake: right numbers, each office its own, few queries, charts and exports."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from activation import purging
from activation.models import Activation, ProgressCount, Reached
from activation.office import charts
from activation.office.figures import Chosen, Figures, gather
from registry.models import Affiliation, Department
from tests.activation.office.clerk import clerk
from tests.activation.visitor import OK, REDIRECTED, Visitor, elements, page, text
from tests.factories import AffiliationFactory, DepartmentFactory, StaffFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/office/progress/"
OLD, NEW = "2025-2026", "2026-2027"


def people(department: Department) -> list[Affiliation]:
    """Six of a department: four of the new cohort, of whom one lacks something and one has no contact."""
    facts: dict[str, Any] = {"department": department}
    AffiliationFactory.create(inscription_year=OLD, **facts)
    AffiliationFactory.create(inscription_year=OLD, status="inactive", **facts)
    AffiliationFactory.create(inscription_year=NEW, birth_date=None, **facts)
    AffiliationFactory.create(inscription_year=NEW, mobile="", email="", **facts)
    return AffiliationFactory.create_batch(2, inscription_year=NEW, **facts)


def walk(first: Affiliation, second: Affiliation) -> None:
    """One arrives, one stops at the PIN, and one contact is nobody's."""
    Visitor(first).reach_password().register()
    Visitor(second).reach_pin()
    Visitor().begin().give_contact(mobile="+306900099999")


def forget_all() -> None:
    Activation.objects.update(expires_at=timezone.now() - timedelta(hours=settings.KEEP_ATTEMPTS_HOURS + 1))
    purging.purge()


def lines(figures: Figures) -> list[tuple[Any, ...]]:
    return [(one.cohort, one.registered, one.ready, one.activated, *one.steps) for one in figures.lines]


def table(visitor: Any, slug: str, query: str = "") -> list[list[str]]:
    [found] = elements(visitor.get(PAGE + query), id=slug)
    rows = [row for part in found.children if not isinstance(part, str) for row in part.children]
    return [
        [text(cell) for cell in row.children if not isinstance(cell, str)] for row in rows if not isinstance(row, str)
    ]


@pytest.mark.parametrize("forgotten", [False, True])
def test_numbers_are_the_same_before_and_after_the_attempts_are_forgotten(forgotten: bool) -> None:
    department = DepartmentFactory.create()
    walk(*people(department))
    if forgotten:
        forget_all()
    figures = gather(clerk("secretariat", department).account, Chosen(7))
    assert lines(figures) == [(NEW, 4, 2, 1, 2, 2, 1, 1, 1), (OLD, 1, 1, 0, 0, 0, 0, 0, 0)]
    assert figures.cohorts == [NEW, OLD]
    today = figures.per_day[timezone.localdate()]
    assert (len(figures.per_day), today[Reached.STARTED], today[Reached.DONE]) == (7, 2, 1)
    # Whose contact is nobody's has no department: only who sees everything sees that.
    assert figures.total.reached[Reached.NOT_FOUND] == 0
    assert gather(clerk("auditor").account, Chosen(7)).total.reached[Reached.NOT_FOUND] == 1


@pytest.mark.parametrize("forgotten", [False, True])
def test_each_office_sees_its_own(forgotten: bool) -> None:
    own, foreign = DepartmentFactory.create(), DepartmentFactory.create(code="200", name_en="Foreign")
    for department in (own, foreign):
        walk(*people(department))
    Visitor(StaffFactory.create()).reach_pin()
    if forgotten:
        forget_all()
    secretary = clerk("secretariat", own)
    assert gather(secretary.account, Chosen(7)).total.registered == 5
    assert gather(secretary.account, Chosen(7)).total.reached[Reached.STARTED] == 2
    for query in ("", f"?department={foreign.pk}"):
        assert "Foreign" not in page(secretary.get(PAGE + query))
    personnel = gather(clerk("personnel").account, Chosen(7))
    assert (personnel.total.registered, personnel.total.reached[Reached.SENT]) == (1, 1)
    auditor = gather(clerk("auditor").account, Chosen(7))
    assert (auditor.total.registered, auditor.total.reached[Reached.STARTED]) == (11, 5)
    narrowed = gather(clerk("auditor").account, Chosen(7, department=foreign, cohort=NEW))
    assert lines(narrowed) == [(NEW, 4, 2, 1, 2, 2, 1, 1, 1)]


def test_kept_numbers_are_added_up_not_counted() -> None:
    """Rows of several days, cohorts and kinds stand for as many attempts as they say."""
    department = DepartmentFactory.create()
    today = timezone.localdate()
    facts: dict[str, Any] = {"department": department, "kind": "student", "what": "sent"}
    for day, cohort, number in ((0, NEW, 30), (1, NEW, 4), (1, OLD, 500), (7, NEW, 6000)):
        ProgressCount.objects.create(day=today - timedelta(days=day), cohort=cohort, number=number, **facts)
    figures = gather(clerk("secretariat", department).account, Chosen(7))
    assert [(one.cohort, one.reached[Reached.SENT]) for one in figures.lines] == [(NEW, 34), (OLD, 500)]
    assert [reached[Reached.SENT] for reached in list(figures.per_day.values())[-2:]] == [504, 30]


def test_nobody_else_gets_there() -> None:
    for role in ("helpdesk", "operator"):
        visitor = clerk(role)
        expected = OK if visitor.account.has_perm("registry.see_all_records") else 403
        assert visitor.get(PAGE).status_code == expected
        assert visitor.post(f"{PAGE}export/", form="csv").status_code == expected


def test_the_page_says_where_people_stop_and_why() -> None:
    department = DepartmentFactory.create()
    first, second = people(department)
    walk(first, second)
    Visitor(first).begin().give_contact()
    visitor = clerk("secretariat", department)
    assert [row[1:] for row in table(visitor, "funnel")[1:]] == [
        *(["3", "–"], ["2", "1"], ["1", "1"], ["1", "0"], ["1", "0"])
    ]
    assert table(visitor, "reasons")[1:] == [["Account already active", "1"]]
    assert table(visitor, "lines", f"?cohort={OLD}")[-1][:6] == ["", "All", "1", "1", "0", "0"]
    assert [row[1] for row in table(visitor, "people")[1:]] == ["5", "3", "1"]
    pictures = elements(visitor.get(PAGE), role="img")
    assert len(pictures) == 4
    titles = {part.name for picture in pictures for part in picture.children if not isinstance(part, str)}
    assert {"title", "desc"} <= titles


def test_without_records_the_page_says_so() -> None:
    visitor = clerk("secretariat", DepartmentFactory.create())
    screen = page(visitor.get(PAGE))
    assert "There are no records" in screen
    assert 'class="chart"' not in screen
    nonsense = visitor.get(f"{PAGE}?days=x&department=y&cohort={'z' * 99}")
    assert nonsense.status_code == OK


def test_the_number_of_queries_does_not_grow() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            gather(account, Chosen(30))
        return len(queries)

    account = clerk("auditor").account
    account.get_all_permissions()
    walk(*people(DepartmentFactory.create()))
    few = cost()
    for number in range(5):
        department = DepartmentFactory.create(code=f"d{number}")
        people(department)
        ProgressCount.objects.create(
            day=timezone.localdate(), kind="student", department=department, cohort=NEW, what="sent", number=3
        )
    assert cost() == few <= 10


def test_the_tables_are_exported() -> None:
    department = DepartmentFactory.create()
    walk(*people(department))
    visitor = clerk("secretariat", department)
    answer = visitor.post(f"{PAGE}export/?days=7", form="xlsx")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    departments, days = book.worksheets
    assert [row[:8] for row in departments.values][1] == ("Department of Informatics", NEW, 4, 2, 1, 2, 2, 1)
    assert len(list(days.values)) == 8
    assert visitor.get(f"{PAGE}export/").status_code == REDIRECTED
    answer = visitor.post(f"{PAGE}export/", form="csv")
    assert "Department of Informatics" in b"".join(answer.streaming_content).decode()


def test_bars_and_columns_fit_their_drawing() -> None:
    drawn = charts.bars("x", title="t", description="d", values=[("a", 1000), ("b", 1), ("c", 0)], whole=1000)
    assert [bar.width for bar in drawn.bars] == [charts.WIDTH, 1, 0]
    assert [bar.share for bar in drawn.bars] == ["100 %", "0 %", "0 %"]
    today = timezone.localdate()
    for number in (1, 7, 90):
        values = [(today + timedelta(days=day), day + 1, day) for day in range(number)]
        columns = charts.columns("x", title="t", description="d", values=values)
        last = columns.columns[-1]
        assert last.x + columns.column_width <= charts.WIDTH
        assert (last.whole_y, last.whole_height) == (charts.PLOT_TOP, charts.PLOT_HEIGHT)
        assert all(column.part_height <= column.whole_height for column in columns.columns)
