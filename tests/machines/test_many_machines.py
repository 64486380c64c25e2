"""Two web servers and two workers behind one address and PgBouncer: who serves a request must not matter."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from tests.messaging.browser import Browser
from tests.services.balancer import Balancer, balancer
from tests.services.pgbouncer import pgbouncer
from tests.services.postgresql import PostgresqlServer, postgresql_server
from tests.services.processes import wait_until
from tests.services.product import Product, loose_limits, prepared, web
from tests.services.redis import redis
from tests.services.worker import CeleryProcess, worker

pytestmark = pytest.mark.slow

# Reads in batches of two rows, while another client takes the connection that was used last; prints what is planned.
IMPORT = """
import psycopg
from registry.importing import import_records, plan
from registry.models import Source
from tests.registry.sheets import numbered, student

plan.BATCH = 2
other = psycopg.connect(POOLED, prepare_threshold=None)

def rows(count):
    for line, row in numbered(*[student(number) for number in range(1, count + 1)]):
        other.commit() if line % 3 else other.execute("SELECT 1")
        yield line, row
    other.commit()

def read(count, **options):
    return import_records(rows(count), source=Source.SIS, name="students.csv", **options)

read(7, complete=False)
print("PLANNED", read(6, dry_run=True, force=True).as_json() | {"rejections": [], "warnings": []})
"""

MARIA, KOSTAS = "+306900000001", "kostas@example.org"


@dataclass
class Machines:
    """Two machines with a web server and a worker each; `product` speaks to them by their common address."""

    product: Product
    balancer: Balancer
    database: PostgresqlServer
    # The address of the bouncer before it.
    pooled: str
    workers: list[CeleryProcess]

    def browser(self) -> Browser:
        browser = Browser(self.product)
        # The next request may meet the other machine only with a connection of its own.
        browser.session.headers["Connection"] = "close"
        return browser


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    state = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_server())
        options = {"REDIS_URL": stack.enter_context(redis()), "DATABASE_POOLED": "true", "LOG_FORMAT": "json"}
        pooled = stack.enter_context(pgbouncer(database.url))
        options |= {"DATABASE_URL": pooled}
        product = prepared(state, LIMITS=loose_limits(settings.LIMITS), **options)
        webs = [stack.enter_context(web(replace(product, log=state / f"web{n}"))) for n in (1, 2)]
        workers = [stack.enter_context(worker(state, product.env, name=f"worker{n}")) for n in (1, 2)]
        address = stack.enter_context(balancer([int(urlsplit(one.url).port or 0) for one in webs]))
        yield Machines(replace(product, url=address.url), address, database, pooled, workers)


def test_a_journey_moves_between_machines_at_each_request(machines: Machines) -> None:
    browser = machines.browser()
    browser.ask_for_pin(mobile=MARIA)
    browser.deliveries()
    wait_until(lambda: machines.product.messages_to(MARIA), "the PIN has come")
    assert browser.finish(machines.product.pin_sent_to(MARIA)) == "inf2620001"
    first, second = machines.balancer.taken.values()
    assert min(first, second) >= 5


def test_the_database_restarts_in_the_middle_of_a_journey(machines: Machines, tmp_path: Path) -> None:
    """Nobody sees an error but a 503 that says when to come back, and nothing of the journey is lost."""
    browser = machines.browser()
    assert browser.post("/activation/", role="staff").status_code == 302
    response = browser.post("/activation/contact/", email=KOSTAS)
    assert response.headers["Location"] == "/activation/pin/"
    wait_until(lambda: machines.product.messages_to(KOSTAS), "the PIN has come")
    pin = machines.product.pin_sent_to(KOSTAS)

    machines.database.stop()
    for turn in range(4):
        answer = browser.get("/activation/pin/") if turn % 2 else browser.post("/activation/pin/", pin=pin)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) == 60
        assert "Η υπηρεσία επιστρέφει σε ένα λεπτό" in answer.text
        assert "back in a minute" in answer.text
    assert machines.product.get("/readyz").status_code == 503
    assert machines.product.get("/healthz").status_code == 200

    machines.database.start()
    wait_until(lambda: machines.product.get("/readyz").ok, "the machines are ready again")
    assert browser.finish(pin) == "kalexiou"
    with psycopg.connect(machines.database.url) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_account WHERE username = 'kalexiou'").fetchone() == (
            1,
        )


def test_an_import_reads_on_while_others_take_its_connection(machines: Machines) -> None:
    with psycopg.connect(machines.database.url) as connection:
        [(held,)] = connection.execute("SELECT count(*) FROM registry_affiliation WHERE source = 'sis'").fetchall()
        printed = machines.product.manage("shell", "-c", IMPORT.replace("POOLED", repr(machines.pooled)))
        planned = printed.partition("PLANNED ")[2]
        assert "'added': 0, 'changed': 0, 'unchanged': 6" in planned
        assert f"'vanished': {held + 1}" in planned
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^(registry_staged|registry_seen)_'")
        assert left.fetchone() == (0,)
