"""Milliseconds that the offices' pages take with 200,000 records; the floor is the first page of all.

Six of ten have activated; 20,000 messages, one in ten of them failed. Asked for by a secretary of one department, whose
records are 3,300, and by an operator, who sees all of them.
"""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.bench import report
from tests.bench.students import ROWS, database, execute, import_file, write_students

if TYPE_CHECKING:
    from django.test import Client

    from registry.models import Affiliation

SIZE = ROWS or 200_000
EACH = 7
OK = 200
MESSAGES = 20_000
FLOOR = "/admin/"


def run() -> None:
    with database() as folder:
        write_students(folder / "students.csv", SIZE)
        import_file(folder / "students.csv")
        live_through_an_autumn()
        measure()


def live_through_an_autumn() -> None:
    """What stands in the other tables by then, written past the product."""
    from django.utils import timezone

    from accounts.models import Message, Pin
    from registry.models import Person

    execute("UPDATE registry_person SET activated_at = now() WHERE mod(id, 10) < 6")
    now = timezone.now()
    people = Person.objects.order_by("pk").values_list("pk", flat=True)[:MESSAGES]
    pins = [
        Pin(
            purpose="activation", binding=f"b{turn}", person_id=person, digest="d", reference="AB", created_at=now,
            expires_at=now + timedelta(minutes=15),
        )
        for turn, person in enumerate(people)
    ]  # fmt: skip
    Pin.objects.bulk_create(pins, batch_size=5000)
    messages = [
        Message(
            template="activation", language="el", channel="sms", destination=f"+30690{turn:07}", pin=pin,
            state=Message.State.FAILED if turn % 10 == 0 else Message.State.SENT,
        )
        for turn, pin in enumerate(pins)
    ]  # fmt: skip
    Message.objects.bulk_create(messages, batch_size=5000)
    execute("VACUUM ANALYZE")


def measure() -> None:
    from django.conf import settings

    from accounts import roles
    from registry.models import Affiliation
    from tests.activation.office.staff import member

    record = Affiliation.objects.select_related("department").order_by("pk")[SIZE // 2]
    assert record.department
    pages = addresses(record)
    settings.ALLOWED_HOSTS = ["testserver"]
    secretary = member(roles.SECRETARIAT, record.department, name="secretary")
    for what, address in pages.items():
        take_turns(secretary, f"secretary: {what}", address)
    operator = member(roles.OPERATOR, name="operator")
    for what, address in (pages | {"messages": "/admin/accounts/message/"}).items():
        take_turns(operator, f"operator: {what}", address)
    take_turns(member(roles.AUDITOR, name="auditor"), "auditor: audit trail", "/admin/accounts/auditevent/")


def take_turns(client: "Client", what: str, address: str) -> None:
    values, floors = [], []
    for turn in range(EACH + 1):
        floor, value = milliseconds(client, FLOOR), milliseconds(client, address)
        if turn:  # The first one warms up.
            floors.append(floor)
            values.append(value)
    slowest = round(max(values), 1)
    report(f"administration {what}", values=values, floors=floors, unit="ms", n=EACH, slowest=slowest)


def addresses(record: "Affiliation") -> dict[str, str]:
    records, office = "/admin/registry/affiliation/", "/admin/office/"
    number = record.registration_number
    return {
        "list": records,
        "last page": f"{records}?p=60",
        "search by surname": f"{records}?q={record.last_name_el.lower()}",
        "search by half a surname in Latin letters": f"{records}?q={record.last_name_en[:4].lower()}",
        "search by registration number": f"{records}?q={number}",
        "search by mobile": f"{records}?q={record.mobile}",
        "search by e-mail": f"{records}?q={record.email}",
        "search by AMKA": f"{records}?q={record.insurance_number}",
        "search for nobody": f"{records}?q=ουδείς",
        "cannot activate": f"{records}?activation=cannot",
        "activated": f"{records}?activation=activated",
        "message failed": f"{records}?messages=failed",
        "correction asked": f"{records}?requests=waiting",
        "record": f"{records}{record.pk}/change/",
        "history": f"{records}{record.pk}/history/",
        "why": f"{office}records/{record.pk}/",
        "quality": f"{office}quality/",
        "progress": f"{office}progress/",
        "corrections": f"{office}corrections/",
    }


def milliseconds(client: "Client", address: str) -> float:
    before = time.perf_counter()
    answer = client.get(address)
    b"".join(answer)
    assert answer.status_code == OK, (address, answer.status_code)
    return (time.perf_counter() - before) * 1000
