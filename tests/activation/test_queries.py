"""What a step costs the database, with 3 and with 2,000 records alike."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from registry.models import Affiliation, Person
from tests.activation.visitor import PASSWORD, Visitor, goes_to
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory

pytestmark = pytest.mark.django_db

AT_MOST_EACH, AT_MOST_ALL = 8, 60
# Opening the account also keeps the number that the person typed, with its history, and wants a directory entry.
AT_MOST_LAST = 11
BOUNDARIES = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)


def cost(visitor: Visitor, method: str, step: str, query: str = "", **fields: str) -> int:
    """The queries of a request. What is due on commit, the sending itself, comes after them and is not counted."""
    with TestCase.captureOnCommitCallbacks() as due, CaptureQueriesContext(connection) as queries:
        answer = getattr(visitor.client, method)(f"/activation/{step}/{query}".replace("role/", ""), fields)
    for send in due:
        send()
    assert answer.status_code == 200 or goes_to(answer), answer
    return sum(not BOUNDARIES.match(query["sql"]) for query in queries.captured_queries)


def walk(record: Affiliation, sibling: Affiliation) -> dict[str, int]:
    """The longest way there is, each screen shown and posted."""
    visitor = Visitor(record)
    costs: dict[str, int] = {}

    def step(name: str, **fields: str) -> None:
        costs[f"GET {name}"] = cost(visitor, "get", name)
        costs[f"POST {name}"] = cost(visitor, "post", name, **fields)

    step("role", role="student")
    step("contact", mobile=record.mobile)
    step("clarify", registration_number=record.registration_number)
    step("insurance", amka=AMKA)
    step("pin", pin=visitor.pin())
    step("confirm", decision="agree", store_contacts="on")
    step("password", password1=PASSWORD, password2=PASSWORD, accept_terms="on")
    costs["GET done"] = cost(visitor, "get", "done")
    assert Affiliation.objects.get(pk=record.pk).insurance_number == AMKA
    assert sibling.mobile == record.mobile
    return costs


def fill(number: int) -> None:
    """So many more records, without asking the factory for each."""
    persons = Person.objects.bulk_create(Person() for _number in range(number))
    pattern: dict[str, Any] = {
        field.attname: getattr(AffiliationFactory.build(person=None, department=None), field.attname)
        for field in Affiliation._meta.concrete_fields
    }
    Affiliation.objects.bulk_create(
        Affiliation(
            **(
                pattern
                | {"id": None, "person_id": person.pk, "system_id": f"q{n}", "username": f"q{n}"}
                | {"mobile": f"+3069001{n:05}", "email": f"q{n}@example.org"}
            )
        )
        for n, person in enumerate(persons)
    )


@pytest.mark.parametrize("records", [1, 1998])
def test_each_step_is_cheap_whatever_the_size(records: int) -> None:
    fill(records)
    record = WithoutAmkaFactory.create()
    costs = walk(record, AffiliationFactory.create(mobile=record.mobile))
    limits = {"POST password": AT_MOST_LAST}
    assert {step: cost for step, cost in costs.items() if cost > limits.get(step, AT_MOST_EACH)} == {}, costs
    assert sum(costs.values()) <= AT_MOST_ALL, costs


def test_the_shortest_way_costs_the_same_with_3_and_with_300_records() -> None:
    def shortest() -> list[int]:
        visitor = Visitor(AffiliationFactory.create())
        assert visitor.record
        costs = [cost(visitor, "post", "role", role="student")]
        costs.append(cost(visitor, "post", "contact", mobile=visitor.record.mobile, email=visitor.record.email))
        costs.append(cost(visitor, "post", "pin", pin=visitor.pin()))
        costs.append(cost(visitor, "post", "confirm", decision="agree"))
        costs.append(cost(visitor, "post", "password", password1=PASSWORD, password2=PASSWORD, accept_terms="on"))
        return costs

    fill(2)
    few = shortest()
    Affiliation.objects.filter(system_id__startswith="q").delete()
    fill(300)
    assert shortest() == few


def test_errors_and_new_pins_are_cheap_too() -> None:
    visitor = Visitor(AffiliationFactory.create()).begin()
    assert visitor.record
    assert cost(visitor, "post", "contact", mobile="+306900099999", email="nobody@example.org") <= AT_MOST_EACH
    broken = AffiliationFactory.create(username="")
    assert cost(visitor, "post", "contact", mobile=broken.mobile) <= AT_MOST_EACH
    visitor.give_contact()
    assert cost(visitor, "post", "pin", pin="12") <= AT_MOST_EACH
    assert cost(visitor, "post", "pin", pin=f"{(int(visitor.pin()) + 1) % 10**6:06}") <= AT_MOST_EACH + 1
