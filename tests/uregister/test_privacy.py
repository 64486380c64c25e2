"""Everything about a person is told to them, and can be forgotten; nobody else's is touched."""

import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import audit, purging
from accounts import tasks as accounts_tasks
from accounts.demo.models import EmbeddedEntry
from accounts.directory import sync
from accounts.models import Account, AuditEvent, ContactChange, DirectoryEntry, Message, Notice, Pin
from activation import tasks as activation_tasks
from activation.models import Activation, ActivationLetter, CorrectionRequest, ProgressCount, Reached
from mypassword import purging as recovery_purging
from mypassword import tasks as mypassword_tasks
from mypassword.models import Recovery, ResetCode
from registry import insurance
from registry.importing import Refused, runs
from registry.models import (
    Affiliation,
    Correction,
    ImportItem,
    ImportRun,
    InsuranceCheck,
    Person,
    Source,
    Status,
)
from tests.factories import AffiliationFactory
from tests.registry.sheets import numbered, student
from uregister import privacy

pytestmark = pytest.mark.django_db
SECRETS = ("argon2", "digest-of", "123456", "unguessable")


def person_with_everything(name: str, amka: str) -> Affiliation:
    """A person about whom every kind of row exists, each with a word of theirs in it."""
    contact = {"mobile": f"+3069000{amka[-5:]}", "email": f"{name}@example.org"}
    record = AffiliationFactory.create(
        username=name, registration_number=f"n-{name}", system_id=f"s-{name}", last_name_el=f"Επώνυμο-{name}",
        last_name_en=f"Surname-{name}", father_name_el=f"Πατρώνυμο-{name}", insurance_number=amka, **contact,
    )  # fmt: skip
    record.father_name_en = f"Father-{name}"
    record.save()
    add_registry(record)
    add_attempts(record, contact)
    add_account(record, contact)
    return record


def add_registry(record: Affiliation) -> None:
    name = record.username
    Correction.objects.create(affiliation=record, field="last_name_el", value=f"Διόρθωση-{name}", origin="office")
    InsuranceCheck.objects.create(affiliation=record, current_number=record.insurance_number)
    details = json.dumps({"last_name_el": [f"Παλιό-{name}", record.last_name_el]}, ensure_ascii=False)
    ImportItem.objects.create(
        run=ImportRun.objects.create(source="sis", name="students.csv"), kind="changed", system_id=record.system_id,
        registration_number=record.registration_number, details=details,
    )  # fmt: skip


def add_attempts(record: Affiliation, contact: dict[str, str]) -> None:
    name = record.username
    times = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(hours=1)}
    attempt = Activation.objects.create(
        key_digest=f"digest-of-{name}", role="student", affiliation=record, met=record, reached=Reached.STARTED.value,
        expires_at=times["expires_at"], **contact,
    )  # fmt: skip
    pin = Pin.objects.create(
        purpose="activation", binding=attempt.key_digest, person=record.person, digest=f"digest-of-{name}",
        reference="AB", **times,
    )  # fmt: skip
    to = {"template": "activation", "language": "el", "channel": "email", "destination": contact["email"]}
    Message.objects.create(**to, pin=pin, secret="123456")
    CorrectionRequest.objects.create(
        affiliation=record, activation=attempt, field="last_name", value=f"Αίτημα-{name}", decided_by=staff(), **contact
    )
    ActivationLetter.objects.create(
        affiliation=record, digest=f"digest-of-{name}", issued_by=staff(), issued_at=times["created_at"],
        expires_at=times["expires_at"],
    )  # fmt: skip


def add_account(record: Affiliation, contact: dict[str, str]) -> None:
    name = record.username
    times = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(hours=1)}
    account = Account.objects.create_user(
        name, "blue-ferry-harbour", person=record.person, affiliation=record,
        recovery_mobile=contact["mobile"], recovery_email=contact["email"],
    )  # fmt: skip
    sync.begin(account)
    to = {"template": "notice", "language": "el", "channel": "email", "destination": contact["email"]}
    Message.objects.create(**to, context={"username": name, "event": "x"})
    answer = to | {"template": "correction_answer", "context": {"reason": f"Απάντηση-{name}"}}
    Message.objects.create(**answer)
    old = f"old-{name}@example.org"
    change = ContactChange.objects.create(
        account=account, kind="email", old=old, new=contact["email"], epoch=0, **times
    )
    digest = f"digest-of-{name}"
    Notice.objects.create(
        account=account, subject="contact_changed", token_digest=digest, contact_change=change, **times
    )
    Recovery.objects.create(
        key_digest=digest, username_digest="digest-of-it", account=account, channel="email", contact=contact["email"],
        expires_at=times["expires_at"],
    )  # fmt: skip
    ResetCode.objects.create(account=account, epoch=0, digest=digest, issued_by=staff(), **times)
    audit.record("account.opened", person=record.person, account=account)
    LogEntry.objects.log_actions(staff().pk, [record], CHANGE, change_message=f"Καταγραφή-{name}", single_object=True)


def staff() -> Account:
    return Account.objects.get_or_create(username="staff", defaults={"is_staff": True})[0]


@pytest.fixture
def maria() -> Affiliation:
    return person_with_everything("maria", "21030500066")


@pytest.fixture
def petros() -> Affiliation:
    return person_with_everything("petros", "09010600078")


def ended(record: Affiliation) -> Person:
    Affiliation.objects.filter(pk=record.pk).update(vanished_at=timezone.now())
    return record.person


def everything_in_the_database() -> str:
    """All values of all tables, decrypted where they are encrypted."""
    from django.apps import apps

    rows: list[str] = []
    for model in apps.get_models(include_auto_created=True):
        rows += [str(values) for values in model._base_manager.values_list()]
    return "\n".join(rows)


# ---- Told -------------------------------------------------------------------------------------------------------


def test_everything_is_told_and_nothing_of_others(maria: Affiliation, petros: Affiliation) -> None:
    told = json.dumps(privacy.export(maria.person), default=str, ensure_ascii=False)
    words = ("Επώνυμο", "Πατρώνυμο", "Διόρθωση", "Αίτημα", "Παλιό", "old", "Father", "n", "s")
    words += ("Απάντηση", "Καταγραφή")
    assert [word for word in words if f"{word}-maria" not in told] == []
    assert "21030500066" in told
    assert "petros" not in told
    assert "09010600078" not in told
    assert [secret for secret in SECRETS if secret in told] == []


def test_the_command_prints_it_and_keeps_that_it_did(maria: Affiliation) -> None:
    out = StringIO()
    call_command("export_person", "maria", "--language", "en", stdout=out)
    told = json.loads(out.getvalue())
    assert told["account"][0]["username"] == "maria"
    assert AuditEvent.objects.filter(act="person.exported", person=maria.person).count() == 1


@pytest.mark.parametrize("name", ["nobody", "twins"])
def test_one_must_be_meant(name: str, maria: Affiliation) -> None:
    AffiliationFactory.create_batch(2, registration_number="twins")
    with pytest.raises(CommandError):
        call_command("export_person", name)


# ---- Forgotten --------------------------------------------------------------------------------------------------


def test_nothing_of_the_person_is_left_but_the_username(maria: Affiliation, petros: Affiliation) -> None:
    person = ended(maria)
    privacy.erase(person, reason="request 7")
    left = everything_in_the_database()
    words = ("Επώνυμο", "Πατρώνυμο", "Surname", "Διόρθωση", "Αίτημα", "Παλιό", "old", "Father", "n", "s", "digest-of")
    words += ("Απάντηση", "Καταγραφή")
    assert [word for word in words if f"{word}-maria" in left] == []
    assert "maria@example.org" not in left
    assert "21030500066" not in left
    assert [word for word in words if f"{word}-petros" not in left] == []
    account = Account.objects.get(username="maria")
    assert (account.is_active, account.has_usable_password()) == (False, False)
    assert DirectoryEntry.objects.get(account=account).state in ("waiting", "equal")
    assert AuditEvent.objects.filter(act="account.opened", account=account).exists()
    assert AuditEvent.objects.get(act="person.erased").reason == "request 7"
    assert ProgressCount.objects.get(what="started").number == 1


def test_the_entry_in_the_directory_forgets_too(maria: Affiliation) -> None:
    sync.write_due()
    entry = EmbeddedEntry.objects.get(username="maria")
    assert "Επώνυμο-maria" in entry.attributes
    person = ended(maria)
    privacy.erase(person)
    sync.write_due()
    assert DirectoryEntry.objects.get(account__username="maria").state == DirectoryEntry.State.EQUAL
    left = everything_in_the_database()
    words = ("Επώνυμο", "Surname", "Father", "n", "s")
    assert [word for word in words if f"{word}-maria" in left] == []
    assert "21030500066" not in left


def test_what_staff_did_to_others_is_not_theirs(maria: Affiliation, petros: Affiliation) -> None:
    """Their own export has nothing of whom they worked for, and their being forgotten takes nothing away."""
    clerk = AffiliationFactory.create(registration_number="n-clerk", username="clerk")
    Account.objects.filter(username="staff").update(person=clerk.person)
    assert "n-maria" not in json.dumps(privacy.export(clerk.person), default=str)
    privacy.erase(ended(clerk))
    assert LogEntry.objects.filter(object_repr="n-maria").exists()


def test_a_second_time_there_is_nothing_to_forget(maria: Affiliation) -> None:
    person = ended(maria)
    assert privacy.erase(person) > 10
    assert privacy.erase(person) == 0


def test_who_still_has_a_record_is_not_forgotten(maria: Affiliation) -> None:
    with pytest.raises(privacy.NotYet):
        privacy.erase(maria.person)
    assert "Επώνυμο-maria" in everything_in_the_database()


def test_whom_a_source_goes_on_listing_is_not_forgotten(maria: Affiliation) -> None:
    """A graduate: the row comes with every reading, and the next one would add it anew."""
    Affiliation.objects.filter(pk=maria.pk).update(status=Status.INACTIVE)
    out = StringIO()
    with pytest.raises(CommandError, match=r"student system n-maria.*take"):
        call_command("erase_person", "maria", "--reason", "request 7", "--yes", stdout=out)
    assert "Επώνυμο-maria" in everything_in_the_database()


# ---- Imports that wait ------------------------------------------------------------------------------------------


def returning(record: Affiliation, *, state: str = "planned", **values: str) -> ImportRun:
    """A plan that has the record's row, and somebody else's, again."""
    row = {"systemID": record.system_id, "registrationID": record.registration_number} | values
    made = runs.queue(source=Source.SIS, name="students.csv")
    runs.plan(made, numbered(student(7), student(8, **row)))
    ImportRun.objects.filter(pk=made.pk).update(state=state)
    return ImportRun.objects.get(pk=made.pk)


@pytest.mark.parametrize("state", ["queued", "planned", "held", "applying"])
def test_a_plan_that_waits_brings_nothing_back(maria: Affiliation, state: str) -> None:
    person = ended(maria)
    made = returning(maria, state=state)
    with pytest.raises(privacy.NotYet, match=rf"\b{made.pk}\b"):
        privacy.erase(person)
    assert "Επώνυμο-maria" in everything_in_the_database()
    runs.refuse(made, reason="request 7") if state != "applying" else ImportRun.objects.update(state="failed")
    assert privacy.erase(person) > 10


def test_a_plan_with_a_new_record_of_the_same_person_is_found_too(maria: Affiliation) -> None:
    person = ended(maria)
    identity = insurance.identity("GR", maria.insurance_number, maria.birth_date)
    Person.objects.filter(pk=person.pk).update(identity=identity)
    birth_date = f"{maria.birth_date:%Y%m%d}"
    returning(
        maria, systemID="s-other", registrationID="n-other", ssn=maria.insurance_number, ssnCountry="GR",
        birthDate=birth_date,
    )  # fmt: skip
    with pytest.raises(privacy.NotYet):
        privacy.erase(person)


def test_plans_about_others_are_in_nobodys_way(maria: Affiliation, petros: Affiliation) -> None:
    returning(petros)
    assert privacy.erase(ended(maria)) > 10


def test_while_an_import_is_read_nobody_knows_whom_it_holds(maria: Affiliation) -> None:
    made = ImportRun.objects.create(source="sis", name="students.csv", state="reading")
    person = ended(maria)
    with pytest.raises(privacy.NotYet, match=rf"\b{made.pk}\b"):
        privacy.erase(person)
    assert "Επώνυμο-maria" in everything_in_the_database()


def test_a_plan_made_while_a_person_was_forgotten_is_refused(maria: Affiliation) -> None:
    """It knows the record by the mirror's key, which stays."""
    person = ended(maria)
    made = returning(maria)
    ImportRun.objects.filter(pk=made.pk).update(state="refused")
    privacy.erase(person)
    ImportRun.objects.filter(pk=made.pk).update(state="planned")
    with pytest.raises(Refused):
        runs.apply(ImportRun.objects.get(pk=made.pk))
    assert Affiliation.objects.get(pk=maria.pk).last_name_el == ""


def test_an_equal_key_of_the_other_system_is_somebody_else(maria: Affiliation) -> None:
    other = ImportItem.objects.create(
        run=ImportRun.objects.create(source="hrms", name="staff.csv"), kind="changed", system_id=maria.system_id,
        registration_number=maria.registration_number, details=json.dumps({"last_name_el": ["Άλλου", "Ξένου"]}),
    )  # fmt: skip
    assert "Ξένου" not in json.dumps(privacy.export(maria.person), default=str, ensure_ascii=False)
    privacy.erase(ended(maria))
    assert ImportItem.objects.filter(pk=other.pk).exists()


def test_the_command_only_says_what_it_would_do(maria: Affiliation) -> None:
    ended(maria)
    out = StringIO()
    call_command("erase_person", "maria", "--reason", "request 7", stdout=out)
    assert "accounts.Account" in out.getvalue()
    assert "Επώνυμο-maria" in everything_in_the_database()
    call_command("erase_person", "maria", "--reason", "request 7", "--yes", stdout=out)
    assert "Επώνυμο-maria" not in everything_in_the_database()


def test_the_audit_trail_ends_too(maria: Affiliation, settings: Any) -> None:
    kept = AuditEvent.objects.get(act="account.opened")
    with connection.cursor() as cursor:
        old = timezone.now() - timedelta(days=settings.KEEP_AUDIT_DAYS + 1)
        audit.record("account.signin")
        cursor.execute("UPDATE accounts_auditevent SET at = %s WHERE act = 'account.signin'", [old])
    purging.purge()
    assert list(AuditEvent.objects.all()) == [kept]


def test_the_log_of_the_administration_ends_with_it(maria: Affiliation, settings: Any) -> None:
    old = timezone.now() - timedelta(days=settings.KEEP_AUDIT_DAYS, minutes=1)
    kept = LogEntry.objects.create(
        user=Account.objects.get(username="staff"), object_repr="young", action_flag=CHANGE,
        action_time=old + timedelta(minutes=2),
    )  # fmt: skip
    LogEntry.objects.exclude(pk=kept.pk).update(action_time=old)
    assert purging.purge()["log entries"] == 1
    assert LogEntry.objects.get() == kept


@pytest.mark.parametrize(
    ("task", "told"),
    [(accounts_tasks, "'messages': 1"), (activation_tasks, "'attempts': 1"), (mypassword_tasks, "'recoveries': 1")],
)
def test_each_purge_says_how_much_went(
    maria: Affiliation, task: Any, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False), caplog.at_level(logging.INFO):
        Message.objects.filter(pk=Message.objects.earliest("created_at").pk).update(
            created_at=timezone.now() - timedelta(days=8)
        )
        task.purge()
    [line] = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Purged")]
    assert told in line
    assert "maria" not in line


def test_old_contacts_and_recoveries_are_forgotten_when_they_are_of_no_use(maria: Affiliation) -> None:
    def left_after(**passed: float) -> list[int]:
        with time_machine.travel(timezone.now() + timedelta(**passed), tick=False):
            purging.purge()
            recovery_purging.purge()
        return [model._base_manager.count() for model in (Recovery, ResetCode, Notice, ContactChange)]

    assert left_after(hours=24) == [1, 1, 1, 1]
    assert left_after(hours=26) == [0, 1, 1, 1]
    # A notice may undo a change for three days; both stay as long as messages from then on.
    assert left_after(days=9) == [0, 0, 1, 1]
    assert left_after(days=10, hours=1) == [0, 0, 0, 0]
    assert Account.objects.get(username="maria").recovery_email == "maria@example.org"
