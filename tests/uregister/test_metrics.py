"""The figures are right, cheap, for the operator only, and what the dashboard and the alerts ask for is there."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts import throttle
from accounts.models import DirectoryEntry, Message, Pin
from activation import purging
from activation.models import Activation, ProgressCount, Reached
from tests.factories import AccountFactory, PersonFactory
from tests.services.postgresql import postgresql_server
from tests.services.processes import private_directory
from tests.services.product import Product, environment, served, web
from tests.services.redis import redis
from tests.uregister.test_environment_start import PRODUCTION
from uregister import heartbeat

MONITORING = Path(__file__).resolve().parents[2] / "deploy/monitoring"

Figures = dict[tuple[str, ...], float]


def figures(client: Client | None = None) -> Figures:
    """Each value by the metric's name and the values of its labels in alphabetical order."""
    text = (client or Client()).get("/metrics").content.decode()
    return read(text)


def read(text: str) -> Figures:
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def attempt(*reached: Reached) -> Activation:
    bits = sum(bit.value for bit in reached)
    return Activation.objects.create(
        key_digest=f"{Activation.objects.count()}", role="student", reached=bits, expires_at=timezone.now()
    )


@pytest.mark.django_db
def test_attempts_count_those_that_are_forgotten_too() -> None:
    attempt(Reached.STARTED, Reached.SENT)
    attempt(Reached.STARTED, Reached.DONE)
    ProgressCount.objects.create(day=timezone.now(), kind="student", what="started", number=40)
    found = figures()
    assert found["uregister_attempts_total", "started"] == 42
    assert (found["uregister_attempts_total", "sent"], found["uregister_attempts_total", "done"]) == (1, 1)


@pytest.mark.django_db
def test_a_purge_in_between_changes_no_number() -> None:
    """A counter that falls has been started anew, for Prometheus, and counts all of it once more."""
    for _turn in range(3):
        attempt(Reached.STARTED)
    statements = 0

    def purge_before_the_second(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal statements
        statements += 1
        if statements == 2:
            assert purging.purge()["attempts"] == 3
        return execute(*statement)

    Activation.objects.update(expires_at=timezone.now() - timedelta(days=3))
    with connection.execute_wrapper(purge_before_the_second):
        found = figures()
    assert not Activation.objects.exists()
    assert found["uregister_attempts_total", "started"] == figures()["uregister_attempts_total", "started"] == 3


@pytest.mark.django_db
def test_pins_messages_and_the_directory() -> None:
    for used_at in (None, None, timezone.now()):
        Pin.objects.create(
            purpose="activation", binding="b", person=PersonFactory.create(), digest="d", reference="AB",
            used_at=used_at, created_at=timezone.now(), expires_at=timezone.now(),
        )  # fmt: skip
    waiting = {"template": "activation", "language": "el", "channel": "sms", "destination": "+306900000001"}
    Message.objects.create(**waiting, gateway="gunet", state="sent")
    Message.objects.create(**waiting)
    Message.objects.create(**waiting, decoy=True)
    DirectoryEntry.objects.create(account=AccountFactory.create(), state="refused")
    found = figures()
    assert (found["uregister_pins", "issued", "activation"], found["uregister_pins", "typed", "activation"]) == (3, 1)
    assert found["uregister_messages", "sms", "gunet", "sent"] == found["uregister_messages", "sms", "", "queued"] == 1
    assert 0 < found["uregister_messages_oldest_seconds",] < 60
    assert found["uregister_directory_entries", "refused"] == 1
    assert found["uregister_directory_lag_seconds",] == 0


@pytest.mark.django_db
def test_a_pin_is_told_from_its_issue_to_its_use() -> None:
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=1)
    common = {"binding": "b", "digest": "d", "reference": "AB", "created_at": now, "expires_at": now}

    def carried(purpose: str, *sent: dict[str, Any], used_at: Any = None) -> None:
        pin = Pin.objects.create(purpose=purpose, person=PersonFactory.create(), used_at=used_at, **common)
        for facts in sent:
            Message.objects.create(template=purpose, language="el", channel="sms", pin=pin, **facts)

    carried("activation", {"state": "delivered", "sent_at": now, "delivered_at": now}, used_at=now)
    carried(
        "activation", {"state": "sent", "sent_at": now}, {"state": "delivered", "sent_at": now, "delivered_at": now}
    )
    carried("activation", {"state": "sent", "sent_at": now})
    carried("activation", {"state": "failed"})
    carried("activation", {"state": "delivered", "sent_at": now, "delivered_at": now, "decoy": True})
    carried("recovery", {"state": "sent", "sent_at": long_ago}, used_at=now)
    Message.objects.create(template="notice", language="el", channel="email", state="sent", sent_at=now)
    found = figures()
    told = {fate: found["uregister_pins", fate, "activation"] for fate in ("issued", "sent", "delivered", "typed")}
    assert told == {"issued": 5, "sent": 3, "delivered": 2, "typed": 1}
    assert (found["uregister_pins", "sent", "recovery"], found["uregister_pins", "delivered", "recovery"]) == (1, 0)


@pytest.mark.django_db
def test_more_rows_cost_no_more_statements(django_assert_max_num_queries: Any) -> None:
    for _turn in range(3):
        attempt(Reached.STARTED)
    with django_assert_max_num_queries(8):
        figures()


@pytest.mark.django_db
def test_a_page_is_counted_by_its_route() -> None:
    labels = ("uregister_request_seconds_count", "GET", "home", "200")
    before = figures().get(labels, 0)
    Client().get("/")
    assert figures()[labels] == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("peer", ["", "unix:", "192.0.2.1"])
def test_without_a_token_only_this_machine_reads(peer: str) -> None:
    assert Client().get("/metrics").status_code == Client(REMOTE_ADDR="::1").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR=peer).get("/metrics").status_code == 404
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        assert Client().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.django_db
def test_strangers_read_nothing(settings: Any) -> None:
    assert Client(REMOTE_ADDR="192.0.2.1").get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "t0ken-of-the-scraper"
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    right = {"authorization": "Bearer t0ken-of-the-scraper"}
    assert Client(REMOTE_ADDR="192.0.2.1").get("/metrics", headers=right).status_code == 200


def test_a_machine_is_asked_by_its_address(tmp_path: Path) -> None:
    chosen = PRODUCTION | {"HOSTS": "account.example.org,127.0.0.1,10.0.0.11", "METRICS_TOKEN": "t0ken"}
    product = Product("", tmp_path, environment(tmp_path, **chosen), tmp_path / "log")
    product.manage("collectstatic", "--noinput", "--verbosity", "0")
    with web(product):

        def status(host: str, **headers: str) -> int:
            answer = product.get("/metrics", headers={"Host": host, **headers}, allow_redirects=False)
            return answer.status_code

        assert status("10.0.0.11:8000", Authorization="Bearer t0ken") == 200
        assert status("10.0.0.11:8000") == 404
        assert status("10.0.0.12:8000", Authorization="Bearer t0ken") == 400


@pytest.fixture
def broker(settings: Any) -> Iterator[None]:
    with redis() as url:
        settings.REDIS_URL = url
        yield


@pytest.mark.django_db
def test_what_redis_knows(broker: None, settings: Any, limit: Any) -> None:
    limit("lookup:contact", "1 per hour")
    throttle.count("lookup:contact", "+306900000001")
    for _turn in range(2):
        with pytest.raises(throttle.TooMany):
            throttle.count("lookup:contact", "+306900000001")
    heartbeat.beat()
    found = figures()
    assert found["uregister_limits_hit_total", "lookup:contact"] == 2
    assert found["uregister_queue_length",] == 0
    assert 0 <= found["uregister_worker_seen_seconds",] < 10
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ("uregister_queue_length",) not in figures()


def test_what_is_told_without_a_database() -> None:
    with private_directory("metrics") as state, redis() as broker, postgresql_server() as database:
        options = {"DATABASE_URL": database.url, "REDIS_URL": broker, "METRICS_TOKEN": "t0ken"}
        with served(Path(state), demo_people=False, **options) as product:
            bearer = {"Authorization": "Bearer t0ken"}
            before = read(product.get("/metrics", headers=bearer).text)
            database.stop()
            assert product.get("/readyz").status_code == 503
            answer = product.get("/metrics", headers=bearer)
            database.start()
            after = read(product.get("/metrics", headers=bearer).text)
    away = read(answer.text)
    assert answer.status_code == 200
    assert [found["uregister_database_up",] for found in (before, away, after)] == [1, 0, 1]
    assert away["uregister_queue_length",] == 0
    assert sum(number for (name, *labels), number in away.items() if name.endswith("_count") and "503" in labels) == 1
    assert ("uregister_messages_oldest_seconds",) in before.keys() & after.keys() - away.keys()


def test_every_process_of_a_machine_answers_for_all(tmp_path: Path) -> None:
    """And every figure that the dashboard and the alerts name is one that the product tells."""
    with private_directory("metrics") as state, redis() as broker:
        options = {"METRICS_DIR": str(tmp_path / "figures"), "REDIS_URL": broker, "METRICS_TOKEN": "t0ken"}
        with served(Path(state), demo_people=False, processes=2, **options) as product:
            for _turn in range(12):
                product.get("/terms/")
            product.manage("shell", "-c", "from uregister import heartbeat; heartbeat.beat()")
            product.manage("shell", "-c", "from accounts import throttle; throttle._note_hit('alarm')")
            answers = [product.get("/metrics", headers={"Authorization": "Bearer t0ken"}).text for _turn in range(6)]
    counted = {read(text)["uregister_request_seconds_count", "GET", "terms", "200"] for text in answers}
    assert counted == {12}
    told = {family.name for family in text_string_to_metric_families(answers[0])}
    texts = [panel["expr"] for board in json.loads((MONITORING / "grafana.json").read_text())["panels"]
             for panel in board["targets"]]  # fmt: skip
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    texts += [rule["expr"] for rule in rules]
    asked = set(re.findall(r"uregister_\w+", " ".join(texts)))
    families = {re.sub(r"_(total|bucket|count)$", "", name) for name in asked}
    assert len(asked) >= 11
    assert families <= told
    assert all(rule["annotations"]["remedy"] for rule in rules)
