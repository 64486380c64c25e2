"""AMKAs that people typed, on their way back to the source."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from accounts.models import AuditEvent
from registry.corrections import Insurance, correct, supply_insurance, version
from registry.models import Affiliation, Correction, InsuranceCheck, InsuranceKind
from tests.activation.office.clerk import Clerk, clerk
from tests.activation.visitor import goes_to, page
from tests.factories import AMKA, AffiliationFactory, DepartmentFactory, StaffFactory, WithoutAmkaFactory
from tests.registry.mirror import get, run
from tests.registry.sheets import student

pytestmark = pytest.mark.django_db
NUMBERS, WRITE_BACK = "/admin/office/amka/", "/admin/office/write-back/"
OTHER_AMKA = "21030500124"


def secretary(role: str = "secretariat") -> Clerk:
    return clerk(role, DepartmentFactory.create(code="100"))


def typed(**fields: Any) -> Affiliation:
    """A record into which its person has put an AMKA."""
    record = WithoutAmkaFactory.create(**fields)
    supply_insurance(record, supplied=Insurance(kind=InsuranceKind.AMKA, number=AMKA, country="GR"))
    return record


def act(visitor: Clerk, record: Affiliation, act: str, **fields: str) -> Any:
    seen = version(Affiliation.objects.get(pk=record.pk))
    return visitor.post(f"{NUMBERS}{record.pk}/{act}/", **({"seen": seen} | fields))


def listed(visitor: Clerk, path: str = NUMBERS) -> list[str]:
    screen = page(visitor.get(path))
    return [record.registration_number for record in Affiliation.objects.all() if record.registration_number in screen]


def export(visitor: Clerk, **fields: str) -> list[list[Any]]:
    """The rows below the heading, as a spreadsheet shows them."""
    answer = visitor.post(f"{WRITE_BACK}export/", **({"form": "xlsx", "which": "new"} | fields))
    content = b"".join(answer.streaming_content)
    if fields.get("form") == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]
    rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [list(row) for row in rows][1:]


def export_later(visitor: Clerk, **fields: str) -> list[list[Any]]:
    """When a second click is out of the question."""
    for correction in Correction.objects.exclude(exported_at=None):
        Correction.objects.filter(pk=correction.pk).update(exported_at=correction.created_at.replace(year=2020))
    return export(visitor, **fields)


# ---- To be confirmed ------------------------------------------------------------------------------------


def test_what_the_person_typed_waits_until_the_office_has_confirmed_it() -> None:
    record, foreign = typed(), typed(department=DepartmentFactory.create(code="200"))
    AffiliationFactory.create()
    visitor = secretary()
    assert listed(visitor) == [record.registration_number]
    assert AMKA not in page(visitor.get(NUMBERS)) + page(visitor.get(f"{NUMBERS}{record.pk}/"))
    for answer in (visitor.get(f"{NUMBERS}{foreign.pk}/"), visitor.get(f"{NUMBERS}{foreign.pk}/confirm/")):
        assert answer.status_code == 404
    assert act(visitor, foreign, "confirm").status_code == 404
    assert goes_to(act(visitor, record, "confirm")) == NUMBERS
    assert listed(visitor) == []
    assert AuditEvent.objects.get(act="insurance.confirmed").person == record.person
    assert {one.origin for one in Correction.objects.filter(affiliation=record)} == {"person"}
    act(visitor, record, "confirm")
    assert AuditEvent.objects.filter(act="insurance.confirmed").count() == 1


def test_another_number_replaces_it() -> None:
    record = typed()
    visitor = secretary()
    assert "do not fit together" in page(act(visitor, record, "replace", value="21030500067"))
    act(visitor, record, "replace", value=OTHER_AMKA)
    assert Affiliation.objects.get(pk=record.pk).insurance_number == OTHER_AMKA
    assert {one.origin for one in Correction.objects.all()} == {"office"}
    assert listed(visitor) == []
    same = typed()
    act(visitor, same, "replace", value=AMKA)
    assert Correction.objects.filter(affiliation=same, confirmed_at=None).count() == 0


def test_the_number_of_the_amka_registry_is_taken_over() -> None:
    record = AffiliationFactory.create()
    InsuranceCheck.objects.create(affiliation=record, state="replaced", current_number=OTHER_AMKA)
    pending = InsuranceCheck.objects.create(affiliation=AffiliationFactory.create(), state="pending")
    visitor = secretary()
    assert listed(visitor) == [record.registration_number]
    assert OTHER_AMKA not in page(visitor.get(f"{NUMBERS}{record.pk}/"))
    act(visitor, record, "current")
    assert Affiliation.objects.get(pk=record.pk).insurance_number == OTHER_AMKA
    assert listed(visitor) == []
    act(visitor, pending.affiliation, "current")
    assert Affiliation.objects.get(pk=pending.affiliation_id).insurance_number == AMKA


def test_an_objection_can_be_overruled() -> None:
    record = AffiliationFactory.create()
    InsuranceCheck.objects.create(affiliation=record, state="disagreed")
    act(secretary(), record, "confirm")
    assert not InsuranceCheck.objects.exists()


def test_who_has_seen_another_number_confirms_nothing() -> None:
    record = typed()
    for seen in ("", "x" * 64):
        for what, value in (("confirm", ""), ("replace", OTHER_AMKA)):
            act(secretary(), record, what, seen=seen, value=value)
    assert Correction.objects.filter(confirmed_at=None, origin="person").count() == 3


def test_the_whole_number_is_shown_once_for_a_reason() -> None:
    record = typed()
    visitor = secretary()
    assert AMKA not in page(act(visitor, record, "reveal", reason=""))
    assert AMKA in page(act(visitor, record, "reveal", reason="To compare"))
    assert AuditEvent.objects.get(act="insurance.unmasked").reason == "To compare"


def test_who_may_only_look_changes_nothing() -> None:
    record = typed()
    auditor = clerk("auditor")
    assert listed(auditor) == [record.registration_number]
    assert "Confirm" not in page(auditor.get(f"{NUMBERS}{record.pk}/")).split("decide")[0]
    for what in ("confirm", "replace", "current", "reveal"):
        assert act(auditor, record, what, reason="x", value=OTHER_AMKA).status_code == 404


def test_more_rows_need_no_more_queries(django_assert_max_num_queries: Any) -> None:
    visitor = secretary()
    for path in (NUMBERS, WRITE_BACK):
        counts = []
        for _round in range(2):
            act(visitor, typed(), "confirm")
            typed()
            with django_assert_max_num_queries(30) as captured:
                visitor.get(path)
            counts.append(len(captured))
        assert counts[0] == counts[1]


# ---- Back to the source ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_confirmed_numbers_and_corrections_are_exported_with_their_keys(form: str) -> None:
    record, unconfirmed = typed(), typed()
    correct(record, {"last_name_el": "=Παππά", "birth_date": record.birth_date.replace(day=22)}, by="clerk")
    visitor = secretary()
    act(visitor, record, "confirm")
    assert listed(visitor, WRITE_BACK) == [record.registration_number]
    rows = export(visitor, form=form)
    keys = ["sis", record.system_id, record.registration_number, "100"]
    assert [row[:4] for row in rows] == [keys] * 4
    found = {row[4]: (row[5], row[6]) for row in rows}
    assert found["ssn"][1] == AMKA
    assert found["ssnCountry"][1] == "GR"
    assert found["lastNameEl"] == ("Παπαδοπούλου", "'=Παππά" if form == "csv" else "=Παππά")
    assert str(found["birthDate"][1]).startswith("22/03/2005" if form == "csv" else "2005-03-22")
    assert unconfirmed.registration_number not in repr(rows)
    event = AuditEvent.objects.get(act="records.exported")
    assert (event.actor, event.details["rows"], event.details["form"]) == (visitor.account, 4, form)
    assert AMKA not in repr(event.details)


def test_what_was_exported_is_marked_and_comes_again_only_when_asked_for() -> None:
    record = AffiliationFactory.create()
    visitor = secretary()
    correct(record, {"last_name_el": "Παππά"}, by="clerk")
    assert len(export(visitor)) == len(export(visitor)) == 1  # The second is a second click.
    assert export_later(visitor) == []
    assert len(export_later(visitor, which="all")) == 1
    correct(record, {"last_name_el": "Παπά"}, by="clerk")
    assert [row[6] for row in export_later(visitor)] == ["Παπά"]


def test_without_the_right_numbers_stay_masked_and_unmarked() -> None:
    record = typed()
    visitor = secretary()
    act(visitor, record, "confirm")
    visitor.account.groups.get().permissions.remove(
        visitor.account.groups.get().permissions.get(codename="export_insurance")
    )
    assert AMKA not in repr(export(visitor))
    assert Correction.objects.get(field="insurance_number").exported_at is None
    assert Correction.objects.get(field="insurance_country").exported_at


def test_each_office_exports_its_own_and_who_looks_leaves_no_mark() -> None:
    student, staff = AffiliationFactory.create(), StaffFactory.create()
    for record in (student, staff):
        correct(record, {"last_name_el": "Παππά"}, by="clerk")
    auditor = clerk("auditor")
    assert len(export(auditor)) == 2
    assert not Correction.objects.exclude(exported_at=None).exists()
    assert [row[2] for row in export(secretary())] == [student.registration_number]
    assert [row[2] for row in export(clerk("personnel"))] == [staff.registration_number]
    assert clerk("helpdesk").post(f"{WRITE_BACK}export/").status_code == 403


def test_exports_are_limited(limit: Any) -> None:
    limit("office:export", "1 per hour")
    visitor = secretary()
    export(visitor)
    assert visitor.post(f"{WRITE_BACK}export/").status_code == 429


def test_a_line_goes_away_once_the_source_agrees() -> None:
    run(student(1))
    record = get(1)
    supply_insurance(record, supplied=Insurance(kind=InsuranceKind.AMKA, number=AMKA, country="GR"))
    visitor = secretary()
    act(visitor, record, "confirm")
    assert len(export(visitor)) == 2
    run(student(1, firstNameEl="Μαίρη"))
    assert listed(visitor, WRITE_BACK) == [record.registration_number]
    run(student(1, ssn=AMKA, ssnCountry="GR"))
    assert listed(visitor, WRITE_BACK) == []
    assert get(1).insurance_number == AMKA
