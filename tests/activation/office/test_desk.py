"""The first page of the administration: it counts what the lists behind its links hold, for each its own."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import Account
from activation import letters
from activation.models import CorrectionRequest
from activation.office import desk
from registry.corrections import correct
from registry.models import Correction, Department, ImportRun, InsuranceCheck
from tests.activation.office.staff import content, member, person
from tests.factories import DepartmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
OFFICE = "/admin/office/"
# What each list says of a row that waits; some lists hold others too.
WAITS: dict[str, Callable[[str], bool]] = {
    f"{OFFICE}corrections/": lambda row: "request-state--asked" in row,
    f"{OFFICE}amka/": lambda row: "<a " in row,
    f"{OFFICE}letters/": lambda row: "until" not in row,
    f"{OFFICE}write-back/": lambda row: row.rstrip().endswith("<td>–</td>"),
    "/admin/registry/importrun/": lambda row: "waits for a confirmation" in row,
}


def work(department: Department | None, *, times: int, **kind: Any) -> None:
    """So much of everything that can wait, and of each one that is done."""
    nothing = {"mobile_given": "", "mobile": "", "email_given": "", "email": ""}
    for number in range(times + 1):
        done = number == times
        record = person(department=department, **kind)
        asked = CorrectionRequest.State.DECLINED if done else CorrectionRequest.State.ASKED
        CorrectionRequest.objects.create(affiliation=record, field="other", remark="x", language="en", state=asked)
        state = InsuranceCheck.State.AGREED if done else InsuranceCheck.State.DISAGREED
        InsuranceCheck.objects.create(affiliation=record, state=state)
        corrected = person(department=department, **kind)
        correct(corrected, {"first_name_el": "Άλλη"}, by="somebody")
        if done:
            exported = timezone.now() - timedelta(hours=1)
            Correction.objects.filter(affiliation=corrected).update(exported_at=exported)
        unreachable = person(department=department, **nothing, **kind)
        if done:
            letters.issue([unreachable], issued_by=Account.objects.create_user(f"clerk{unreachable.pk}"))


@pytest.fixture
def university() -> tuple[Department, Department]:
    """One of everything for a department, two for another one, three for staff; a held import."""
    own, foreign = (DepartmentFactory.create(code=code) for code in ("100", "200"))
    work(own, times=1)
    work(foreign, times=2)
    work(None, times=3, kind="faculty", source="hrms")
    for state in (ImportRun.State.HELD, ImportRun.State.APPLIED):
        ImportRun.objects.create(source="sis", state=state)
    return own, foreign


def listed(client: Client, address: str) -> int:
    rows = re.findall(r"(?s)<tr.*?</tr>", content(client.get(address)).partition("<tbody>")[2])
    return sum(WAITS[address](row.removesuffix("</tr>")) for row in rows)


@pytest.mark.parametrize(
    ("role", "departments", "expected"),
    [
        (roles.SECRETARIAT, ["100"], [1, 1, 1, 1]),
        (roles.SECRETARIAT, ["200"], [2, 2, 2, 2]),
        (roles.SECRETARIAT, [], [0, 0, 0, 0]),
        (roles.PERSONNEL, [], [3, 3, 3, 3]),
        (roles.AUDITOR, [], [6, 6, 6]),
        (roles.OPERATOR, [], [6, 6, 6, 1]),
        (roles.HELPDESK, [], []),
    ],
)
@pytest.mark.usefixtures("university")
def test_the_desk_counts_what_the_lists_show(role: str, departments: list[str], expected: list[int]) -> None:
    client = member(role, *Department.objects.filter(code__in=departments))
    counted = [link for link in desk.links_for(Account.objects.get(username=role)) if link.waiting is not None]
    assert [link.waiting for link in counted] == expected
    assert [listed(client, link.address) for link in counted] == expected
    page = content(client.get("/admin/"))
    assert sorted(map(int, re.findall(r"(\d+) waiting", page))) == sorted(number for number in expected if number)


def test_every_link_opens_for_whom_it_is_shown(university: tuple[Department, Department]) -> None:
    for role in roles.RIGHTS:
        client = member(role, university[0])
        links = desk.links_for(Account.objects.get(username=role))
        assert {client.get(link.address).status_code for link in links} <= {200}
