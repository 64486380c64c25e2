"""What processes of the last released version do to the database, over and over until they are stopped.

The statements are those version's own: its migrations tell Django what its models were. Prints a JSON object for each
piece of work, `{"work": name, "seconds": number}`, and with `error` where it failed.
"""

import itertools
import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from django.apps.registry import Apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.machines.released import AMKAS, amka, targets

# No more than seconds: who waits longer for a lock has failed.
PATIENCE = "5s"
PAUSE = 0.05  # seconds


def run(persons: int) -> None:
    executor = MigrationExecutor(connection)
    old = executor.loader.project_state(targets(executor)).apps
    threads = [Thread(target=serve, args=(old, persons, seed)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def pieces_of(log: Path) -> list[dict[str, Any]]:
    """What they have done, from what they printed; the last line may be half written."""
    return [json.loads(line) for line in log.read_text().split("\n")[:-1]] if log.exists() else []


def serve(old: Apps, persons: int, seed: int) -> None:
    chance = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
    for work in itertools.cycle(chance.sample(WORKS, len(WORKS))):
        tell(work, old, chance.randrange(persons // 10) * 10)
        time.sleep(PAUSE)


def tell(work: Callable[[Apps, int], object], old: Apps, ten: int) -> None:
    begun, line = time.perf_counter(), {"work": work.__name__}
    try:
        with transaction.atomic():
            work(old, ten)
    except DatabaseError as error:
        line["error"] = repr(error)
    seconds = round(time.perf_counter() - begun, 4)
    sys.stdout.write(json.dumps(line | {"seconds": seconds}) + "\n")
    sys.stdout.flush()


# ---- Each on some of ten persons that begin at `ten` ------------------------------------------------------------


def find(old: Apps, ten: int) -> None:
    records = old.get_model("registry", "Affiliation").objects.select_related("person", "department")
    assert records.filter(kind="student", mobile=f"+30690{ten + 9:07}", vanished_at=None).count() == 1
    assert records.get(mobile=f"+30690{ten + 9:07}").person.pk == ten + 9


def begin_attempt(old: Apps, ten: int) -> None:
    now, key = timezone.now(), uuid.uuid4().hex
    times = {"created_at": now, "expires_at": now + timedelta(minutes=15)}
    attempts = old.get_model("activation", "Activation").objects
    attempt = attempts.create(key_digest=key, role="student", language="el", expires_at=times["expires_at"])
    attempts.filter(pk=attempt.pk).update(affiliation=ten + 9, mobile=f"+30690{ten + 9:07}", contact_at=now)
    pin = old.get_model("accounts", "Pin").objects.create(
        purpose="activation", binding=key, digest=key, reference="AB", person_id=ten + 9, **times
    )
    old.get_model("accounts", "Message").objects.create(
        template="activation", language="el", channel="sms", destination="+306900000009", pin=pin, secret="123456"
    )
    attempts.filter(pk=attempt.pk).update(pin_verified_at=now)


def open_account(old: Apps, ten: int) -> None:
    """Of somebody whom an import has just brought."""
    name = uuid.uuid4().hex
    person = old.get_model("registry", "Person").objects.create()
    record = old.get_model("registry", "Affiliation").objects.create(
        person=person, source="sis", system_id=name, kind="student", status="active", username=name, source_digest=name
    )
    account = old.get_model("accounts", "Account").objects.create(
        username=name, password="argon2", person=person, affiliation=record, terms_accepted_at=timezone.now()
    )
    old.get_model("registry", "Person").objects.filter(pk=person.pk).update(activated_at=timezone.now())
    old.get_model("accounts", "AuditEvent").objects.create(
        act="account.opened", outcome="done", account=account, person=person
    )


def supply_amka(old: Apps, ten: int) -> None:
    records = old.get_model("registry", "Affiliation").objects
    record = records.select_for_update().get(pk=ten + 7)
    number = amka(record.pk % AMKAS)
    records.filter(pk=record.pk).update(insurance_kind="amka", insurance_number=number, insurance_country="GR")
    old.get_model("registry", "Correction").objects.update_or_create(
        affiliation=record, field="insurance_number", defaults={"value": number, "origin": "person"}
    )


def sign_in(old: Apps, ten: int) -> None:
    accounts = old.get_model("accounts", "Account").objects
    account = accounts.select_for_update().get(username=f"it{ten + 5:07}")
    accounts.filter(pk=account.pk).update(last_login=timezone.now())


def change_records(old: Apps, ten: int) -> None:
    """As an import does: one statement that writes whole rows."""
    records = old.get_model("registry", "Affiliation").objects
    changed = list(records.filter(pk__in=[ten + 6, ten + 8]).order_by("pk").select_for_update())
    records.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=["first_name_el", "source_digest"]
    )
    now = timezone.now()
    old.get_model("registry", "ImportRun").objects.create(source="sis", name="old", started_at=now, finished_at=now)


def purge(old: Apps, ten: int) -> None:
    attempts = old.get_model("activation", "Activation").objects
    attempts.filter(expires_at__lt=timezone.now() - timedelta(hours=24)).delete()


WORKS: list[Callable[[Apps, int], Any]] = [
    *(find, begin_attempt, open_account, supply_amka, sign_in, change_records, purge),
]
