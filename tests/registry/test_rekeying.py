"""Keys rotate with one command while the service runs, and the old key is then needed no more."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts import second_factor
from accounts.models import Message
from registry import insurance, rekeying, uploads
from registry.importing import import_records, runs
from registry.models import Affiliation, Correction, ImportRun, Person, Source
from tests.factories import AMKA, AccountFactory, AffiliationFactory
from tests.registry.sheets import employee, numbered, student

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def record(settings: Any) -> Affiliation:
    """A person whose everything is under the old key; the new one has just been put in front."""
    settings.DATA_KEYS = [OLD]
    record = AffiliationFactory.create()
    identity = insurance.identity("GR", AMKA, record.birth_date)
    Person.objects.filter(pk=record.person_id).update(identity=identity)
    Correction.objects.create(affiliation=record, field="insurance_number", value=AMKA, origin="person")
    message = {"template": "activation", "language": "el", "channel": "sms", "destination": "+306900000001"}
    Message.objects.create(**message, secret="123456")
    settings.DATA_KEYS = [NEW, OLD]
    return record


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


def test_afterwards_the_old_key_is_not_needed(record: Affiliation, settings: Any) -> None:
    assert "3 values are still under an older key" in rotate("--check")
    assert "Nothing needs the older keys" in rotate()
    settings.DATA_KEYS = [NEW]
    record.refresh_from_db()
    assert record.insurance_number == AMKA
    assert Correction.objects.get().value == AMKA
    assert Message.objects.get().secret == "123456"
    assert Affiliation.objects.filter(insurance_digest__in=insurance.digests("GR", AMKA)).get() == record
    assert Person.objects.get(identity=insurance.identity("GR", AMKA, record.birth_date)) == record.person
    assert "one key only" in rotate()


def test_who_has_the_new_key_behind_reads_what_others_write_with_it(settings: Any) -> None:
    """While processes restart one by one, with the new key in front at last, both kinds serve."""
    settings.DATA_KEYS = [NEW, OLD]
    written = AffiliationFactory.create()
    person = {"identity": insurance.identity("GR", AMKA, written.birth_date)}
    Person.objects.filter(pk=written.person_id).update(**person)
    settings.DATA_KEYS = [OLD, NEW]
    assert Affiliation.objects.get().insurance_number == AMKA
    assert Affiliation.objects.filter(insurance_digest__in=insurance.digests("GR", AMKA)).get() == written
    assert Person.objects.get(identity__in=insurance.identities("GR", AMKA, written.birth_date)) == written.person
    settings.DATA_KEYS = [OLD]
    with pytest.raises(InvalidToken):
        Affiliation.objects.get()


def test_a_file_that_waits_for_a_worker_can_still_be_read(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    run = ImportRun.objects.create(source="sis", name="students.csv")
    kept = uploads.keep(run, SimpleUploadedFile("students.csv", b"a;b\n1;2\n"), extension=".csv", only_plan=False)
    settings.DATA_KEYS = [NEW, OLD]
    assert "1 values are still under an older key" in rotate("--check")
    assert "Nothing needs the older keys" in rotate()
    settings.DATA_KEYS = [NEW]
    with uploads.opened(kept) as path:
        assert path.read_bytes() == b"a;b\n1;2\n"


def test_what_a_plan_has_encrypted_is_not_forgotten(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    rows = [student(1, ssn=AMKA, ssnCountry="GR")]
    waiting, given_up = (runs.queue(source=source, name="students.csv") for source in (Source.SIS, Source.HRMS))
    runs.plan(waiting, numbered(*rows))
    runs.plan(given_up, numbered(employee(ssn=AMKA, ssnCountry="GR")))
    settings.DATA_KEYS = [NEW, OLD]
    for options in (["--check"], []):
        told = rotate(*options)
        assert f"Imports {waiting.pk}, {given_up.pk} " in told
        assert "Nothing needs" not in told
    runs.refuse(given_up, reason="no")
    runs.apply(waiting)
    assert "1 values are still under an older key" in rotate("--check")
    assert "Nothing needs the older keys" in rotate()
    settings.DATA_KEYS = [NEW]
    record = Affiliation.objects.get()
    assert record.insurance_number == AMKA
    assert record.insurance_digest == insurance.digest("GR", AMKA)
    assert record.person.identity == insurance.identity("GR", AMKA, record.birth_date)
    assert import_records(numbered(*rows), source=Source.SIS, name="students.csv").unchanged == 1


def test_a_plan_under_the_newest_key_and_one_without_numbers_are_in_nobodys_way(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    runs.plan(runs.queue(source=Source.HRMS, name="staff.csv"), numbered(employee(ssn="", ssnCountry="")))
    settings.DATA_KEYS = [NEW, OLD]
    runs.plan(runs.queue(source=Source.SIS, name="students.csv"), numbered(student(1, ssn=AMKA, ssnCountry="GR")))
    assert "Nothing needs the older keys" in rotate()


def test_under_which_key_an_import_is_read_nobody_knows(settings: Any) -> None:
    settings.DATA_KEYS = [NEW, OLD]
    reading = ImportRun.objects.create(source="sis", name="students.csv", state="reading")
    assert f"Imports {reading.pk} " in rotate("--check")


def test_a_recovery_code_still_opens(settings: Any) -> None:
    """Its digest could not be made anew, so no data key may be in it."""
    settings.DATA_KEYS = [OLD]
    account = AccountFactory.create()
    code = second_factor.make_codes(account, address="192.0.2.1")[0]
    settings.DATA_KEYS = [NEW]
    second_factor.check(account, code, address="192.0.2.1")


def test_twice_changes_nothing(record: Affiliation) -> None:
    rotate()
    before = list(Affiliation.objects.values_list("insurance_digest", "person__identity"))
    assert rekeying.rekey() == 0
    assert list(Affiliation.objects.values_list("insurance_digest", "person__identity")) == before


def test_what_is_written_meanwhile_is_kept(record: Affiliation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process writes the field between our reading and our writing of it."""
    decrypt = rekeying.encryption.decrypt

    def write_meanwhile(token: str) -> str:
        Affiliation.objects.filter(pk=record.pk).update(insurance_number="21030500124")
        return decrypt(token)

    monkeypatch.setattr(rekeying.encryption, "decrypt", write_meanwhile)
    batches = rekeying._under_older_keys(Affiliation, Affiliation._meta.get_field("insurance_number"))
    changes = list(batches)
    monkeypatch.undo()
    rekeying._apply(Affiliation, "insurance_number", iter(changes), None)
    record.refresh_from_db()
    assert record.insurance_number == "21030500124"


def test_many_batches(record: Affiliation, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    AffiliationFactory.create_batch(6)
    settings.DATA_KEYS = [NEW, OLD]
    monkeypatch.setattr(rekeying, "BATCH", 2)
    rotate()
    settings.DATA_KEYS = [NEW]
    assert {record.insurance_number for record in Affiliation.objects.all()} == {AMKA}


def test_every_encrypted_field_is_known() -> None:
    fields = {f"{model._meta.label}.{field.name}" for model, field in rekeying.encrypted_fields()}
    assert {"registry.Affiliation.insurance_number", "registry.Correction.value", "accounts.Message.secret"} <= fields
    assert "activation.Activation.insurance_number" in fields
