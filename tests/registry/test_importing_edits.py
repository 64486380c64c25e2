"""10,000 random edits between snapshots of a source, against a diff that knows nothing of the importer."""

import random
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from registry.importing import changes_of, runs
from registry.models import Affiliation, ImportItem, ImportRun, Source
from tests.registry.mirror import everything
from tests.registry.sheets import numbered, student

SEED, ROUNDS, EDITS, RECORDS = 20261128, 5, 2_000, 500
Snapshot = dict[int, dict[str, str]]

# What an edit may write into a column, none of it what stood there, and the field of the record that shows it.
EDITABLE = {
    "lastNameEl": ("last_name_el", ["Άλφα", "Βήτα", "Γάμμα", "Δέλτα"]),
    "firstNameEn": ("first_name_en", ["Alpha", "Beta", "Gamma"]),
    "enrollmentTerm": ("enrollment_term", ["1", "2", "3", "4", "5"]),
    "enrollmentStatus": ("status", ["active", "interim", "inactive"]),
    "birthDate": ("birth_date", ["20010101", "20020202", ""]),
    "extEmail": ("email_given", ["a@example.org", "b@example.org", "nobody", ""]),
    "mobilePhone": ("mobile_given", ["+306900000001", "6900000002", ""]),
    "ssn": ("insurance_number", ["", "AB123", "21030500066", "21030500124"]),
    "departmentID": ("department", ["100", "200", ""]),
}
# The same said in another way: the row is another, the record is not.
COSMETIC = [
    lambda row: row | {"lastNameEl": f"  {row['lastNameEl']} "},
    lambda row: row | {"enrollmentStatusDate": "2024-09-01"},
    lambda row: row | {"enrollmentStatus": row["enrollmentStatus"].upper()},
]


class Editor:
    """Edits a snapshot and remembers what the next import has to find."""

    def __init__(self, chance: random.Random, number: int) -> None:
        self.chance = chance
        self.number = number
        self.snapshot: Snapshot = {n: student(n, ssnCountry="CY") for n in range(number)}

    def edit(self) -> None:
        kind = self.chance.choices(["change", "cosmetic", "remove", "add"], [70, 10, 10, 10])[0]
        if kind == "add":
            self.snapshot[self.number] = student(self.number, ssnCountry="CY")
            self.number += 1
            return
        number = self.chance.choice(list(self.snapshot))
        row = self.snapshot[number]
        if kind == "remove":
            del self.snapshot[number]
        elif kind == "cosmetic":
            self.snapshot[number] = self.chance.choice(COSMETIC)(row)
        else:
            column = self.chance.choice(list(EDITABLE))
            self.snapshot[number] = row | {column: self.chance.choice(EDITABLE[column][1])}

    def bring_back(self) -> None:
        """Some of those who had gone: they are changed, not added."""
        gone = sorted(set(range(self.number)) - set(self.snapshot))
        for number in gone[:: max(len(gone) // 20, 1)]:
            self.snapshot[number] = student(number, ssnCountry="CY")

    def rows(self) -> list[dict[str, str]]:
        rows = list(self.snapshot.values())
        self.chance.shuffle(rows)
        return rows


def meaning(row: dict[str, str] | None) -> dict[str, str]:
    return {column: " ".join(row[column].split()).lower() for column in EDITABLE} if row else {}


def expected(before: Snapshot, after: Snapshot, ever: set[int]) -> tuple[dict[str, set[str]], Counter[str]]:
    """Keys by kind, and of how many records each field changes, by looking at nothing but the two snapshots."""
    found: dict[str, set[str]] = {
        "added": set(),
        "changed": set(),
        "vanished": {f"S{n}" for n in before.keys() - after},
    }
    fields: Counter[str] = Counter()
    for number, row in after.items():
        if number not in ever:
            found["added"].add(f"S{number}")
            continue
        former = meaning(before.get(number))
        if former and (columns := [column for column, value in meaning(row).items() if value != former[column]]):
            found["changed"].add(f"S{number}")
            fields.update(EDITABLE[column][0] for column in columns)
        elif not former:
            found["changed"].add(f"S{number}")
    return found, fields


def planned(rows: list[dict[str, str]]) -> ImportRun:
    run = runs.queue(source=Source.SIS, name="edits")
    runs.plan(run, numbered(*rows))
    if run.state == ImportRun.State.HELD:
        runs.confirm(run, by="operator")
    return run


def keys(run: ImportRun) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"added": set(), "changed": set(), "vanished": set()}
    for item in run.items.filter(kind__in=found):
        found[item.kind].add(item.system_id)
    return found


def fields_of(run: ImportRun, returned: set[str]) -> Counter[str]:
    changed = run.items.filter(kind=ImportItem.Kind.CHANGED).exclude(system_id__in=returned)
    shown = {field for field, _values in EDITABLE.values()}
    return Counter(change.field for item in changed for change in changes_of(item) if change.field in shown)


def figures(run: ImportRun) -> tuple[int, ...]:
    return (run.added, run.changed, run.unchanged, run.vanished, run.rejected)


def mirror() -> dict[str, tuple[Any, ...]]:
    """The records that the source holds, by what they say."""
    fields = [f"{field}__code" if field == "department" else field for field, _values in EDITABLE.values()]
    current = Affiliation.objects.filter(vanished_at=None)
    return {
        record["system_id"]: tuple(record[name] for name in fields) for record in current.values("system_id", *fields)
    }


def said(row: dict[str, str]) -> tuple[Any, ...]:
    values: dict[str, Any] = {column: " ".join(row[column].split()) for column in EDITABLE}
    values["enrollmentStatus"] = values["enrollmentStatus"].lower()
    values["birthDate"] = datetime.strptime(row["birthDate"], "%Y%m%d").date() if row["birthDate"] else None  # noqa: DTZ007
    values["departmentID"] = row["departmentID"] or None
    return tuple(values.values())


@pytest.mark.django_db
def test_plans_are_right_applying_twice_changes_nothing_and_undo_leads_back() -> None:
    editor = Editor(random.Random(SEED), RECORDS)
    runs.apply(planned(editor.rows()))
    ever = set(editor.snapshot)
    for _round in range(ROUNDS):
        before, shown = dict(editor.snapshot), mirror()
        for _edit in range(EDITS):
            editor.edit()
        editor.bring_back()
        run = planned(rows := editor.rows())
        wanted, fields = expected(before, editor.snapshot, ever)
        assert keys(run) == wanted
        returned = {f"S{n}" for n in editor.snapshot if n in ever and n not in before}
        assert fields_of(run, returned) == fields
        assert mirror() == shown
        runs.apply(run)
        assert mirror() == {f"S{n}": said(row) for n, row in editor.snapshot.items()}
        state = everything()
        again = planned(rows)
        assert figures(again) == (0, 0, len(rows), 0, 0)
        runs.apply(again)
        assert everything() == state
        ever |= set(editor.snapshot)
    after = mirror()
    assert runs.undo(run, by="operator").kept == 0
    assert mirror() == shown
    once_more = planned(rows)
    assert (figures(once_more), keys(once_more)) == (figures(run), wanted)
    runs.apply(once_more)
    assert mirror() == after
