"""The quality report on screen, as a workbook, and by e-mail."""

import csv
import io
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import TestCase
from openpyxl import load_workbook

from accounts.models import AuditEvent, InboxMessage
from activation import quality_mail
from activation.models import QualityReport
from activation.tasks import report_quality
from registry.models import Department
from registry.quality import CHECKS
from tests.activation.office.clerk import Clerk, clerk
from tests.activation.visitor import OK, page
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory, StaffFactory
from tests.races import race

pytestmark = pytest.mark.django_db
QUALITY = "/admin/office/quality/"
# A Wednesday morning and the Monday after it, a minute too early and in time, in Athens.
WEDNESDAY, EARLY, MONDAY = (
    datetime(2026, 11, day, hour, minute, tzinfo=UTC) for day, hour, minute in ((25, 9, 0), (30, 4, 59), (30, 5, 0))
)


@pytest.fixture
def departments() -> tuple[Department, Department]:
    own, foreign = (DepartmentFactory.create(code=code, name_en=f"Department {code}") for code in ("100", "200"))
    AffiliationFactory.create(department=own, username="", last_name_el="Αγνώστου")
    AffiliationFactory.create(department=own)
    AffiliationFactory.create(department=foreign, username="", last_name_el="Ξένου")
    StaffFactory.create(department=own, username="", last_name_el="Υπαλλήλου")
    return own, foreign


def export(visitor: Clerk, **fields: str) -> dict[str, list[list[Any]]]:
    answer = visitor.post(f"{QUALITY}export/", **({"form": "xlsx"} | fields))
    content = b"".join(answer.streaming_content)
    if fields.get("form") == "csv":
        return {"csv": list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))}
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


def names_in(screen: object) -> list[str]:
    return [name for name in ("Αγνώστου", "Ξένου", "Υπαλλήλου") if name in str(screen)]


# ---- On screen and as a file ----------------------------------------------------------------------------


def test_each_office_sees_its_own_records(departments: tuple[Department, Department]) -> None:
    own, foreign = departments
    expected = {
        "secretariat": ["Αγνώστου"],
        "personnel": ["Υπαλλήλου"],
        "auditor": ["Αγνώστου", "Ξένου", "Υπαλλήλου"],
    }
    for role, names in expected.items():
        visitor = clerk(role, *([own] if role == "secretariat" else []))
        visitor.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "el"
        assert visitor.get(QUALITY).status_code == OK
        assert names_in(page(visitor.get(f"{QUALITY}username/"))) == names
        assert names_in(export(visitor)) == names
        assert names_in(export(visitor, code="username", form="csv")) == names
        assert ("Ξένου" in names_in(export(visitor, department=str(foreign.pk)))) is (role == "auditor")
    assert clerk("helpdesk").get(QUALITY).status_code == 403


def test_every_check_has_a_list_and_nonsense_has_none(departments: tuple[Department, Department]) -> None:
    visitor = clerk("secretariat", departments[0])
    screen = page(visitor.get(f"{QUALITY}?department={departments[0].pk}"))
    assert f'{QUALITY}username/?department={departments[0].pk}"' in screen
    for code in CHECKS:
        assert visitor.get(f"{QUALITY}{code}/?department=x&page=9").status_code == OK
    assert visitor.get(f"{QUALITY}nonsense/").status_code == 404
    assert visitor.post(f"{QUALITY}export/", code="nonsense").status_code == 404


def test_the_workbook_holds_numbers_and_people_and_is_audited(departments: tuple[Department, Department]) -> None:
    visitor = clerk("auditor")
    book = export(visitor, department=str(departments[0].pk))
    heading, *lines = book["Numbers"]
    column = heading.index(str(CHECKS["username"].text))
    assert [(line[0], line[2], line[column]) for line in lines] == [("100", 3, 2)]
    assert len(book["People"]) == 3
    assert AMKA not in repr(book)
    event = AuditEvent.objects.get(act="records.exported")
    assert (event.actor, event.details["what"]) == (visitor.account, "quality")


# ---- By e-mail ------------------------------------------------------------------------------------------


def sent(at: datetime) -> int:
    with time_machine.travel(at, tick=False), TestCase.captureOnCommitCallbacks(execute=True):
        return quality_mail.send_due()


def test_each_secretariat_is_told_once_a_week_in_numbers(
    departments: tuple[Department, Department], settings: Any
) -> None:
    settings.QUALITY_REPORT = "weekly"
    settings.LANGUAGE_CODE = "en"
    Department.objects.filter(code="200").update(email="second@example.org")
    assert [sent(WEDNESDAY), sent(WEDNESDAY), sent(EARLY), sent(MONDAY), sent(MONDAY)] == [2, 0, 0, 2, 0]
    message = InboxMessage.objects.filter(to="informatics@example.org").first()
    assert message
    assert "Of the 2 students of Department 100 who have no account yet, 1 cannot activate" in message.text
    assert f"{QUALITY}?department={departments[0].pk}" in message.text
    assert "no username: 1" in message.text
    assert names_in(message.text + message.html) == []


@pytest.mark.usefixtures("departments")
def test_the_personnel_office_is_told_of_all_staff_once(settings: Any) -> None:
    settings.QUALITY_REPORT, settings.LANGUAGE_CODE = "daily", "en"
    Department.objects.update(email="")
    StaffFactory.create(department=None, username="", birth_date=None, last_name_el="Μακρινού")
    assert sent(WEDNESDAY) == 0
    settings.PERSONNEL_EMAIL = "personnel@example.org"
    assert [sent(WEDNESDAY), sent(WEDNESDAY), sent(MONDAY)] == [1, 0, 1]
    message = InboxMessage.objects.filter(to="personnel@example.org").first()
    assert message
    assert "Of the 2 records of staff who have no account yet, 2 cannot lead to one" in message.text
    assert "no username: 2" in message.text
    assert f"{QUALITY}\n" in message.text
    assert names_in(message.text + message.html + message.subject) == []


@pytest.mark.parametrize(("setting", "number"), [("off", 0), ("daily", 2)])
def test_the_operator_says_how_often(
    departments: tuple[Department, Department], settings: Any, setting: str, number: int
) -> None:
    settings.QUALITY_REPORT = setting
    report_quality()
    assert [sent(WEDNESDAY), sent(MONDAY)] == [number, number]


def test_nobody_is_told_of_nothing(settings: Any) -> None:
    settings.QUALITY_REPORT = "daily"
    DepartmentFactory.create(code="300", email="")
    AffiliationFactory.create(department=DepartmentFactory.create(code="100"))
    assert sent(WEDNESDAY) == 0
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_report_once(settings: Any) -> None:
    settings.QUALITY_REPORT = "daily"
    settings.PERSONNEL_EMAIL = "personnel@example.org"
    AffiliationFactory.create(department=DepartmentFactory.create(code="100"), username="")
    StaffFactory.create(username="")
    with time_machine.travel(WEDNESDAY, tick=True):
        results = race(*[partial(quality_mail.send_due)] * 4)
    assert sum(int(str(result)) for result in results) == 2
    assert QualityReport.objects.count() == InboxMessage.objects.count() == 2
