"""Accounts per second that one worker provisions into OpenLDAP; the floor is bare `add_s` of the same entries.

Both add to the same server, to a directory that is empty before the slice.
"""

import time
from contextlib import ExitStack
from typing import Any

from tests.bench import report, use
from tests.services.openldap import PEOPLE, OpenLDAP, openldap
from tests.services.postgresql import postgresql
from tests.services.processes import private_directory
from tests.services.product import manage

SLICES, EACH = 7, 1000


def run() -> None:
    with ExitStack() as resources:
        state = resources.enter_context(private_directory("bench"))
        server = resources.enter_context(openldap())
        database = resources.enter_context(postgresql())
        env = use(state, DATABASE_URL=database, LOG_LEVEL="WARNING", **server.environment)
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        fill(EACH)
        measure(server)


def fill(count: int) -> None:
    """Accounts of students as the last step leaves them, with complete records and a new entry wanted."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from accounts.models import Account, DirectoryEntry
    from registry.models import Affiliation, Person
    from tests.factories import AffiliationFactory, DepartmentFactory

    department, password = DepartmentFactory.create(), make_password("a-long-enough-password")
    people = Person.objects.bulk_create([Person() for _each in range(count)], batch_size=5000)
    records = [
        AffiliationFactory.build(
            person=person, department=department, username=f"student{turn}", registration_number=f"it{turn:06}",
            insurance_digest="", mobile=f"+3069{turn:08}", email=f"person{turn}@example.org",
        )
        for turn, person in enumerate(people)
    ]  # fmt: skip
    made = Affiliation.objects.bulk_create(records, batch_size=5000)
    accounts = Account.objects.bulk_create(
        [
            Account(username=record.username, person=record.person, affiliation=record, password=password)
            for record in made
        ],
        batch_size=5000,
    )
    DirectoryEntry.objects.bulk_create([DirectoryEntry(account=account) for account in accounts], batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(server: OpenLDAP) -> None:
    values, floors = [], []
    for turn in range(SLICES + 1):
        floor, value = bare(server), provisioned(server)
        if turn:  # The first slice warms up.
            floors.append(EACH / floor)
            values.append(EACH / value)
    report("provisioning", values=values, floors=floors, unit="1/s", n=EACH * SLICES)


def provisioned(server: OpenLDAP) -> float:
    """Seconds until every entry is written and noted."""
    from django.utils import timezone

    from accounts.directory import sync
    from accounts.models import DirectoryEntry

    server.forget()
    fresh = {"state": "waiting", "written": 0, "dn": "", "username": "", "entry_uuid": "", "password_written": ""}
    DirectoryEntry.objects.update(**fresh, password_due=True, due_at=timezone.now(), waiting_since=timezone.now())
    before = time.perf_counter()
    assert sync.write_due(seconds=120) == EACH
    took = time.perf_counter() - before
    assert DirectoryEntry.objects.filter(state="equal").count() == len(server.usernames()) == EACH
    return took


def bare(server: OpenLDAP) -> float:
    """Seconds to add the same entries one after the other, as the service."""
    entries = everything()
    server.forget()
    line = service(server)
    before = time.perf_counter()
    for dn, attributes in entries:
        line.add_s(dn, attributes)
    took = time.perf_counter() - before
    line.unbind_s()
    return took


def everything() -> list[tuple[str, list[tuple[str, list[bytes]]]]]:
    from accounts.directory import sync
    from accounts.directory.difference import Desired, addition
    from accounts.models import Account

    wishes = sync.desired_of(list(Account.objects.values_list("pk", flat=True)))
    additions = [addition(wish) for wish in wishes.values() if isinstance(wish, Desired)]
    return [
        (add.dn, [(name, [value.encode() for value in values]) for name, values in add.attributes.items()])
        for add in additions
    ]


def service(server: OpenLDAP) -> Any:
    """A line as the product has one, over TCP."""
    import ldap

    from tests.services.openldap import PASSWORD, SERVICE

    assert PEOPLE
    line = ldap.initialize(server.url)
    line.simple_bind_s(SERVICE, PASSWORD)
    return line
