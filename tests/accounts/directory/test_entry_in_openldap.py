"""The real server takes what is composed, and gives it back the same."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.directory import Add, Attributes, Directory
from accounts.directory.entry import MANAGED, PROFILES, Unfit, compose, object_classes, password_value
from accounts.directory.line import connect
from accounts.directory.names import dn_of
from accounts.models import Account
from registry.models import Affiliation, InsuranceKind, Kind
from tests.accounts.directory.hostile import persons
from tests.accounts.directory.people import account, employee, student
from tests.services.openldap import OpenLDAP

FOREIGN = {"insurance_kind": InsuranceKind.FOREIGN, "insurance_number": "AB123456C", "insurance_country": "DE"}
NONE = {"insurance_kind": "", "insurance_number": "", "insurance_country": ""}
PEOPLE: dict[str, list[Affiliation]] = {
    "student": [student()],
    "faculty": [employee()],
    "temporary": [employee(kind=Kind.ASSOCIATE)],
    "both": [student(registration_number="ΜΠΠΛ 301/26"), employee(kind=Kind.ASSOCIATE)],
    "foreign": [student(**FOREIGN)],
    "uninsured": [student(**NONE)],
    "latin": [student(last_name_el="", first_name_el="", first_name_en='O\'Brien, J. + #1 \\ "x" <y>;=*()')],
}


@pytest.fixture
def directory(openldap: OpenLDAP) -> Iterator[Directory]:
    opened = connect()
    yield opened
    opened.close()


def adding(whose: Account, attributes: Attributes, profile: str) -> Add:
    held = {**attributes, "objectClass": object_classes(profile)}
    if password := password_value(whose):
        held["userPassword"] = (password,)
    return Add(dn_of(whose.username), held)


def same(found: Attributes, attributes: Attributes) -> bool:
    return {name: set(values) for name, values in found.items()} == {
        name: set(values) for name, values in attributes.items()
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_entries_are_read_back_equal(directory: Directory, profile: str) -> None:
    wanted = {}
    for username, records in PEOPLE.items():
        whose = account(records[0], username=username, expires_at=timezone.now())
        wanted[username] = adding(whose, compose(whose, records, profile=profile), profile)
    assert directory.make(list(wanted.values())) == [None] * len(PEOPLE)
    found = directory.find(list(PEOPLE), MANAGED[profile])
    for username, added in wanted.items():
        managed = {name: held for name, held in added.attributes.items() if name in MANAGED[profile]}
        assert same(found[username].attributes, managed), username


def test_the_server_takes_whatever_is_not_refused(directory: Directory) -> None:
    numbers = iter(range(10_000))

    @hypothesis_settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )
    @given(st.lists(persons(), min_size=10, max_size=10))
    def check(people: list[tuple[Account, list[Affiliation]]]) -> None:
        wanted = {}
        for whose, records in people:
            whose.username = f"h{next(numbers)}"
            try:
                wanted[whose.username] = adding(whose, compose(whose, records, profile="gunet"), "gunet")
            except Unfit:
                continue
        assert [str(refused) for refused in directory.make(list(wanted.values())) if refused] == []
        found = directory.find(list(wanted), MANAGED["gunet"])
        for username, added in wanted.items():
            managed = {name: held for name, held in added.attributes.items() if name in MANAGED["gunet"]}
            assert same(found[username].attributes, managed)

    check()
