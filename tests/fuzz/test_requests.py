"""No request makes the application fail: `make fuzz` sends ten thousand on each database, `make test` some hundred."""

import math
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.contrib import admin
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.application import Answer, Application, in_one_transaction
from tests.fuzz.mutations import Request, drawn
from tests.fuzz.pages import Form, addresses, forms_of
from tests.fuzz.people import Sender, everybody

pytestmark = pytest.mark.django_db
# How many `make fuzz` asks for, and with what it begins; without it a few from some of the pages, always the same.
GIVEN = int(os.environ.get("FUZZ_REQUESTS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
DOORS, FROM_EACH = 150, 5

Answered = Counter[int]


@pytest.mark.usefixtures("no_limits")
def test_no_request_makes_it_fail() -> None:
    application, answered = Application(), Answered()
    senders = everybody()
    doors = [Door(sender, address) for sender in senders for address in addresses(rows()) if sender.may_try(address)]
    random.Random(SEED).shuffle(doors)
    with in_one_transaction():
        opened = [door for door in doors[: None if GIVEN else DOORS] if door.opens(application)]
        most = math.ceil(GIVEN / len(opened)) or FROM_EACH
        for number, door in enumerate(opened):
            send(application, door, answered, most, first=SEED * len(doors) + number)
    if GIVEN:
        sys.stderr.write(f"{answered.total()} requests with seed {SEED} answered: {dict(sorted(answered.items()))}\n")
    # Enough have come through to a page: a test that only meets closed doors would prove nothing.
    assert answered[200] + answered[302] > answered.total() / 3


@dataclass
class Door:
    """A page that somebody asks for, and the forms that they find there."""

    sender: Sender
    address: str
    forms: list[Form] = field(default_factory=list)

    def opens(self, application: Application) -> bool:
        headers = {"Cookie": self.sender.cookie_header.encode(), "Accept-Language": b"en"}
        request = Request(self.sender, "GET", self.address.encode(), b"", headers)
        with transaction.atomic():
            answer = application(request)
            transaction.set_rollback(True)
        complain(request, answer)
        if answer.status == 200 and answer.headers["Content-Type"].startswith("text/html"):
            self.forms = forms_of(answer.body.decode(), self.address)
        # Where only forms lead there is nothing to get.
        return answer.status in (200, 400, 405)


def send(application: Application, door: Door, answered: Answered, most: int, *, first: int) -> None:
    @seed(first)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if GIVEN else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        # Everybody is where they were before the next request.
        with transaction.atomic():
            request = drawn(data.draw, door.sender, door.address, door.forms)
            answer = application(request)
            transaction.set_rollback(True)
        answered[answer.status] += 1
        complain(request, answer)

    run()


def complain(request: Request, answer: Answer) -> None:
    faults = answer.faults()
    assert not faults, f"{request}\n" + "\n".join(faults)


def rows() -> dict[str, list[str]]:
    """The keys of the rows that a model's pages show; of all others those of records."""
    keys = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": [
            str(pk) for pk in model._default_manager.values_list("pk", flat=True)[:2]
        ]
        for model in admin.site._registry
    }
    records = keys["admin/registry/affiliation/"]
    return keys | {"admin/office/": records, "mypassword/helpdesk/": records}
