"""The administration's pages of imports: who may what, what a plan shows and hides, what comes in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import roles
from accounts.demo.models import CODE as FACTOR
from accounts.demo.models import DemoDevice
from accounts.models import Account
from registry.admin import plans
from registry.importing import runs
from registry.models import Affiliation, ImportItem, ImportRun, Source, UploadPiece
from tests.registry.mirror import AMKA, KNOWN, OTHER_AMKA, correct, get, run
from tests.registry.sheets import csv_bytes, numbered, student
from tests.registry.university import sqlite_view

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/importrun/"
UPLOAD = f"{LIST}upload/"
State = ImportRun.State


def staff(role: str, **options: Any) -> Client:
    account = Account.objects.create_user(role, "blue-ferry-harbour", is_staff=True)
    account.groups.set(Group.objects.filter(name=role))
    DemoDevice.objects.create(user=account, name="demo")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post("/mypassword/login/", {"username": role, "password": "blue-ferry-harbour"})
    client.post("/mypassword/login/code/", {"code": FACTOR})
    client.handler.enforce_csrf_checks = bool(options.get("csrf"))
    return client


@pytest.fixture
def operator() -> Client:
    return staff(roles.OPERATOR)


def last() -> ImportRun:
    return ImportRun.objects.order_by("-pk")[0]


def page_of(import_run: ImportRun, query: str = "") -> str:
    return f"{LIST}{import_run.pk}/change/{query}"


def held() -> ImportRun:
    run(*[student(number) for number in range(1, 11)])
    waiting = runs.queue(source=Source.SIS, name="few.csv")
    runs.plan(waiting, numbered(student(1)))
    assert waiting.state == State.HELD
    return waiting


# ---- Who may what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [roles.SECRETARIAT, roles.PERSONNEL, roles.HELPDESK])
def test_nobody_else_sees_imports(role: str) -> None:
    waiting = held()
    client = staff(role)
    for address in (LIST, UPLOAD, page_of(waiting)):
        assert client.get(address).status_code == 403
    assert "/importrun/" not in client.get("/admin/").content.decode()
    assert statuses_of_posts(client, waiting) == {403}
    assert last() == waiting


def test_an_auditor_looks_and_does_nothing() -> None:
    waiting = held()
    client = staff(roles.AUDITOR)
    for address in (LIST, page_of(waiting)):
        page = client.get(address)
        assert page.status_code == 200
        assert b'<button type="submit" class="button' not in page.content
    assert client.get(UPLOAD).status_code == 403
    assert statuses_of_posts(client, waiting) == {403}
    assert (last(), last().state) == (waiting, State.HELD)


def statuses_of_posts(client: Client, waiting: ImportRun) -> set[int]:
    acts = [f"{LIST}{waiting.pk}/{act}/" for act in ("apply", "refuse", "undo", "resume")]
    addresses = [*acts, UPLOAD, f"{LIST}read/sis/"]
    return {client.post(address, upload(student(1))).status_code for address in addresses}


def upload(*rows: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {"source": "sis", "file": SimpleUploadedFile("students.csv", csv_bytes(*rows)), **fields}


def test_nothing_happens_without_a_token_or_by_looking(operator: Client) -> None:
    waiting = held()
    for act in ("apply", "refuse", "undo", "resume"):
        assert operator.get(f"{LIST}{waiting.pk}/{act}/").status_code == 405
    assert operator.get(f"{LIST}read/sis/").status_code == 405
    operator.handler.enforce_csrf_checks = True
    assert statuses_of_posts(operator, waiting) == {403}
    assert (last(), last().state) == (waiting, State.HELD)


@pytest.mark.parametrize("address", ["999/change/", "x/change/", "999/undo/", "read/x/", "read/sis/"])
def test_what_is_not_there(operator: Client, address: str) -> None:
    method = operator.get if address.endswith("change/") else operator.post
    assert method(LIST + address).status_code == 404


# ---- Files ------------------------------------------------------------------------------------------------------


def test_a_file_is_handed_over(operator: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = operator.post(UPLOAD, upload(student(1), student(2)))
    assert answer.status_code == 302
    assert answer["Location"] == page_of(last())
    assert (last().state, last().added, last().started_by) == (State.APPLIED, 2, "operator")
    assert "Undo this import" in operator.get(page_of(last())).content.decode()


def test_only_planned_if_wanted(operator: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(UPLOAD, upload(student(1), only_plan="on"))
    assert (last().state, Affiliation.objects.count()) == (State.PLANNED, 0)
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{LIST}{last().pk}/apply/")
    assert (last().state, Affiliation.objects.count()) == (State.APPLIED, 1)


def test_no_file_goes_to_the_disk(operator: Client, settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "absent")
    large = SimpleUploadedFile("students.csv", b"x" * (3 << 20))
    assert operator.post(UPLOAD, {"source": "sis", "file": large}).status_code == 302
    assert UploadPiece.objects.count() == 3


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (SimpleUploadedFile("students.csv", b"x" * ((1 << 20) + 1)), "larger than 1 MB"),
        (SimpleUploadedFile("students.exe", b"MZ"), "neither .csv nor .xlsx"),
        (SimpleUploadedFile("students.xlsx", b"a;b"), "not what the end of its name says"),
        (SimpleUploadedFile("students.csv", b""), "The file is empty."),
        ("", "Choose a file."),
    ],
)
def test_what_cannot_be_taken_is_said_at_the_field(operator: Client, settings: Any, file: Any, problem: str) -> None:
    settings.IMPORT_MAX_MB = 1
    page = operator.post(UPLOAD, {"source": "sis", "file": file}).content.decode()
    assert problem in page
    assert 'aria-invalid="true"' in page
    assert not ImportRun.objects.exists()


# ---- Plans ------------------------------------------------------------------------------------------------------


def test_a_plan_is_shown_line_by_line_without_insurance_numbers(operator: Client) -> None:
    run(*[student(number, **KNOWN) for number in (1, 2, 3, 4, 5, 6, 7)])
    correct(get(5), "last_name_el", "Γεωργίου")
    correct(get(6), "last_name_el", "Ιωάννου")
    changed = student(1, ssn=OTHER_AMKA, ssnCountry="GR", lastNameEl="Νικολάου")
    run(
        changed,
        student(2, gender="x"),
        *[student(number, **KNOWN) for number in (3, 4, 6, 8)],
        student(5, **KNOWN, lastNameEl="Δήμου"),
    )
    kinds = ("changed", "rejected", "vanished", "added", "kept", "released")
    pages = {kind: operator.get(page_of(last(), f"?kind={kind}")).content.decode() for kind in kinds}
    assert "Νικολάου" in pages["changed"]
    assert "Παπαδοπούλου" in pages["changed"]
    assert "•••••••••24" in pages["changed"]
    assert "<td>3</td><td><code>gender</code></td>" in pages["rejected"]
    assert "it2400007" in pages["vanished"]
    assert "it2400008" in pages["added"]
    assert "Ιωάννου" in pages["kept"]
    assert "Γεωργίου" in pages["released"]
    for page in pages.values():
        assert AMKA not in page
        assert OTHER_AMKA not in page


def test_every_kind_of_line_is_shown_and_explained() -> None:
    assert set(plans.TITLES) == set(plans.EXPLANATIONS) == set(ImportItem.Kind)


@pytest.mark.parametrize("kind", ["added", "changed", "rejected", "vanished"])
def test_a_long_plan_needs_as_few_queries_as_a_short_one(
    operator: Client, kind: str, django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.IMPORT_MAX_VANISHED = settings.IMPORT_MAX_CHANGED = 100
    counts = []
    for number in (2, 130):
        rows = [student(1000 * number + each) for each in range(number)]
        run(*rows)
        if kind == "changed":
            run(*[row | {"lastNameEl": "Νέα"} for row in rows])
        elif kind == "rejected":
            run(*[row | {"gender": "x"} for row in rows])
        elif kind == "vanished":
            run(student(1))
        with django_assert_max_num_queries(30) as captured:
            page = operator.get(page_of(last(), f"?kind={kind}")).content.decode()
        assert ("Page 1 of 3" in page) == (number == 130)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_a_guard_rail_holds_says_why_and_is_confirmed(
    operator: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    waiting = held()
    page = operator.get(page_of(waiting)).content.decode()
    assert "9 of 10 records would vanish" in page
    assert "1 waiting" in operator.get("/admin/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{LIST}{waiting.pk}/apply/")
    assert (last().state, last().confirmed_by) == (State.APPLIED, "operator")


def test_a_plan_may_be_given_up(operator: Client) -> None:
    waiting = held()
    operator.post(f"{LIST}{waiting.pk}/refuse/")
    assert (last().state, last().reason) == (State.REFUSED, "Given up by operator.")
    page = operator.post(f"{LIST}{waiting.pk}/apply/", follow=True).content.decode()
    assert "does not wait for a confirmation any more" in page


def test_the_last_import_is_undone(operator: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    run(student(1))
    first = last()
    run(student(1), student(2))
    assert "Undo this import" not in operator.get(page_of(first)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{LIST}{first.pk}/undo/")
        operator.post(f"{LIST}{last().pk}/undo/")
    first.refresh_from_db()
    assert (first.state, last().state, last().undone_by) == (State.APPLIED, State.UNDONE, "operator")


# ---- Views ------------------------------------------------------------------------------------------------------


def test_a_view_is_read_now(
    operator: Client, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    settings.VIEWS = {"sis": sqlite_view(tmp_path / "sis.sqlite3", [student(1)]), "hrms": {}}
    page = operator.get(LIST).content.decode()
    assert "Read now" in page
    assert page.count("never") == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert operator.post(f"{LIST}read/sis/")["Location"] == page_of(last())
        assert "being read at this moment" in operator.post(f"{LIST}read/sis/", follow=True).content.decode()
    assert (last().state, last().added, ImportRun.objects.count()) == (State.APPLIED, 1, 1)
    settings.VIEWS["sis"]["NAME"] = "v_gone"
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{LIST}read/sis/")
    assert "Cannot be read" in operator.get(LIST).content.decode()
    assert "v_gone" in operator.get(page_of(last())).content.decode()


def test_what_was_left_by_a_killed_worker_can_be_taken_up(operator: Client) -> None:
    import_run = runs.queue(source=Source.SIS, name="s.csv")
    assert "Take it up again" not in operator.get(page_of(import_run)).content.decode()
    ImportRun.objects.update(touched_at="2026-01-01T00:00:00Z", state=State.READING)
    assert "Take it up again" in operator.get(page_of(import_run)).content.decode()
    operator.post(f"{LIST}{import_run.pk}/resume/")
    assert last().state == State.QUEUED


def test_a_secretariat_sees_when_its_source_was_read() -> None:
    run(student(1))
    record = get(1)
    client = staff(roles.SECRETARIAT)
    Account.objects.get(username=roles.SECRETARIAT).departments.add(record.department)  # type: ignore[arg-type] # It has one.
    page = client.get(f"/admin/office/records/{record.pk}/").content.decode()
    assert "The source was last read on" in page
    assert "It will be read again" not in page
