"""The records in the administration: found, narrowed down, corrected."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, AuditEvent, Message, Pin
from registry.models import Affiliation, Correction
from tests.activation.office.staff import LIST, change, content, correct, form_of, member, person
from tests.factories import AMKA, DepartmentFactory

pytestmark = pytest.mark.django_db
OTHER_AMKA = "21030500124"
NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    return member("secretariat", DepartmentFactory.create())


def listed(client: Client, **query: str) -> set[Affiliation]:
    return set(client.get(LIST, query).context["cl"].result_list)


# ---- List -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["παπαδοπούλου", "PAPADOPULU maria", "it77777", "6900000077", AMKA, "m77@example.org"])
def test_found_by_what_is_at_hand(client: Client, text: str) -> None:
    found = person(registration_number="it77777", mobile="+306900000077", email="m77@example.org")
    other = person(last_name_el="Γεωργίου", insurance_number=OTHER_AMKA)
    assert listed(client, q=text) == {found}
    assert listed(client) == {found, other}


def test_narrowed_down_by_what_can_be_done(client: Client) -> None:
    ready, stopped, gone = person(), person(mobile_given="6900000006", mobile="", email=""), person(username="")
    done = person(person__activated_at=timezone.now())
    Affiliation.objects.filter(pk=gone.pk).update(vanished_at=timezone.now())
    assert listed(client, activation="cannot") == {stopped}
    assert listed(client, activation="can") == {ready}
    assert listed(client, activation="activated") == {done}
    assert listed(client, finding="mobile_prefix") == {stopped}
    page = content(client.get(LIST, {"activation": "cannot"}))
    assert "cannot: mobile without country prefix" in page


def test_narrowed_down_by_failed_messages(client: Client) -> None:
    failed, _sent = person(), person()
    for record, state in ((failed, "failed"), (_sent, "sent")):
        now = timezone.now()
        pin = Pin.objects.create(
            purpose="activation",
            binding="b",
            person=record.person,
            digest="d",
            reference="AB",
            created_at=now,
            expires_at=now,
        )
        Message.objects.create(
            template="activation", language="el", channel="sms", destination=record.mobile, pin=pin, state=state
        )
    assert listed(client, messages="failed") == {failed}


@pytest.mark.parametrize(
    "lookup", ["mobile_given__startswith", "insurance_digest", "person__account__password__startswith"]
)
def test_no_other_lookup_tells_anything(client: Client, lookup: str) -> None:
    person()
    assert client.get(LIST, {lookup: "+"}).status_code == 400


def test_more_records_need_no_more_queries(client: Client) -> None:
    counts = []
    for _round in range(2):
        person()
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"activation": "can", "q": "papadopoulou"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


# ---- Form -----------------------------------------------------------------------------------------------


def test_a_mobile_is_corrected_and_the_person_can_activate(client: Client) -> None:
    record = person(mobile_given="6900000006", mobile="", email="")
    page = content(correct(client, record, mobile_given="690 000 0006"))
    assert "The person can activate now." in page
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.mobile_given, stored.mobile) == ("+306900000006", "+306900000006")
    assert Correction.objects.get().author == "secretariat"
    event = AuditEvent.objects.get(act="record.corrected")
    assert (event.person, event.details["fields"]) == (record.person, ["mobile_given"])
    assert "0006" not in str(event.details)


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"mobile_given": "12"}, "mobile_given", "no mobile"),
        ({"mobile_given": "+30abc"}, "mobile_given", "no mobile"),
        ({"email_given": "maria at example"}, "email_given", "no e-mail"),
        ({"email_given": "maria@campus.example.org"}, "email_given", "nobody can read"),
        ({"birth_date": "1890-01-01"}, "birth_date", "Nobody alive"),
        ({"last_name_el": "ΠΑΠAΔΟΠΟΥΛΟΥ"}, "last_name_el", "Latin letters"),
        ({"number": "2103050012"}, "number", "The check of the AMKA failed. An AMKA has 11 digits."),
        ({"number": "21030500067"}, "number", "The check of the AMKA failed. The digits"),
        ({"number": OTHER_AMKA, "birth_date": "2005-03-22"}, "number", "birth date of the record do not agree"),
        ({"number": OTHER_AMKA, "gender": "1"}, "number", "gender of the record do not agree"),
        ({"number": "AB12", "insurance_kind": "foreign", "insurance_country": ""}, "insurance_country", "Choose"),
        ({"number": "AB:12", "insurance_kind": "foreign", "insurance_country": "CY"}, "number", "Latin letters"),
        ({"number": OTHER_AMKA, "remove_number": "on"}, "number", "Either"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client: Client, values: dict[str, str], field: str, said: str) -> None:
    record = person()
    answer = correct(client, record, **values)
    assert said in str(answer.context["adminform"].form.errors[field])
    assert not Correction.objects.exists()


def test_what_was_wrong_already_does_not_stop_another_correction(client: Client) -> None:
    record = person(mobile_given="12", mobile="", email_given="maria at example", email="", insurance_number="123")
    correct(client, record, first_name_el="Μαριάνθη")
    assert [correction.field for correction in Correction.objects.all()] == ["first_name_el"]


def test_the_number_is_replaced_removed_and_never_shown(client: Client) -> None:
    record = person()
    pages = content(client.get(change(record))) + content(correct(client, record, number=OTHER_AMKA))
    assert Affiliation.objects.get(pk=record.pk).insurance_number == OTHER_AMKA
    pages += content(client.get(change(record))) + content(client.get(f"{LIST}{record.pk}/history/"))
    assert AMKA not in pages
    assert OTHER_AMKA not in pages
    assert "•••••••••24" in pages
    correct(client, record, remove_number="on")
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.insurance_kind, stored.insurance_number, stored.insurance_country) == ("", "", "")


def test_another_country_s_number(client: Client) -> None:
    record = person()
    correct(client, record, number="ab 123", insurance_kind="foreign", insurance_country="CY")
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.insurance_kind, stored.insurance_number, stored.insurance_country) == ("foreign", "AB123", "CY")


def test_a_missing_country_is_filled_in(client: Client) -> None:
    record = person(insurance_country="")
    correct(client, record, insurance_country="GR")
    stored = Affiliation.objects.get(pk=record.pk)
    assert (stored.insurance_kind, stored.insurance_number, stored.insurance_country) == ("amka", AMKA, "GR")


def test_of_two_who_correct_at_once_the_second_looks_again(client: Client) -> None:
    record = person()
    seen = form_of(client, record)
    correct(client, record, first_name_el="Μαριάνθη")
    answer = client.post(change(record), seen | {"first_name_el": "Μαρίνα"})
    assert "has changed this record meanwhile" in content(answer)
    assert Affiliation.objects.get(pk=record.pk).first_name_el == "Μαριάνθη"


def test_saving_nothing_new_leaves_no_trace(client: Client) -> None:
    record = person()
    correct(client, record)
    assert not Correction.objects.exists()
    assert not AuditEvent.objects.filter(act="record.corrected").exists()


# ---- Pins and history -----------------------------------------------------------------------------------


def test_a_corrected_field_is_seen_to_be_and_released(client: Client) -> None:
    record = person(mobile_given="6900000006", mobile="")
    correct(client, record, mobile_given="6900000077", number=OTHER_AMKA)
    page = content(client.get(change(record)))
    assert "Corrected here, kept against imports" in page
    assert "Corrected here, kept against imports. Its source says: 6900000006" in page
    assert AMKA not in page
    answer = client.post(f"/admin/office/records/{record.pk}/release/mobile_given/", follow=True)
    assert "The field says again what its source says." in content(answer)
    assert Affiliation.objects.get(pk=record.pk).mobile_given == "6900000006"
    assert AuditEvent.objects.filter(act="record.released").count() == 1
    again = client.post(f"/admin/office/records/{record.pk}/release/mobile_given/", follow=True)
    assert "is not kept against the source any more" in content(again)


def test_the_history_says_who_changed_what(client: Client) -> None:
    record = person(mobile_given="6900000006", mobile="")
    correct(client, record, mobile_given="690 000 0006", gender="9")
    page = content(client.get(f"{LIST}{record.pk}/history/"))
    for word in ("secretariat", "mobile as recorded", "6900000006", "+306900000006", "female", "not applicable"):
        assert word in page
    looking = content(member("auditor").get(f"{LIST}{record.pk}/history/"))
    assert "secretariat" in looking
    assert "6900000006" not in looking


def test_who_only_looks_sees_it_masked() -> None:
    record = person()
    page = content(member("auditor").get(change(record)))
    for secret in (record.mobile, record.email, AMKA, "21/03/2005", "2005-03-21"):
        assert secret not in page
    assert "•••••••••66" in page


# ---- The number in clear --------------------------------------------------------------------------------


def test_the_number_is_shown_for_a_reason(client: Client, limit: Any) -> None:
    record = person()
    address = f"/admin/office/records/{record.pk}/number/"
    limit("office:unmask", "1 per hour")
    assert AMKA not in content(client.get(address))
    assert AMKA not in content(client.post(address, {"reason": ""}))
    answer = client.post(address, {"reason": "The student stands here with the card"})
    assert AMKA in content(answer)
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(act="record.revealed")
    assert (event.reason, event.person) == ("The student stands here with the card", record.person)
    assert AMKA not in str(event.details)
    answer = client.post(address, {"reason": "Once more"})
    refused = content(answer)
    assert AMKA not in refused
    assert "Too many attempts." in refused
    assert "Once more" in refused
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "The account is active."),
        ({"expires_at": NOON}, "it will be closed on 28/9/2026"),
        # Closing leaves `is_active` as it is.
        ({"expires_at": NOON, "closed_at": NOON}, "closed, because no record of the person is current"),
        ({"is_active": False}, "made inactive in the administration"),
        ({"blocked_at": NOON}, "the helpdesk can unblock it"),
    ],
)
def test_the_page_tells_how_the_account_stands(client: Client, fields: dict[str, Any], says: str) -> None:
    record = person()
    Account.objects.create_user(record.username, person=record.person, affiliation=record, **fields)
    assert says in content(client.get(f"/admin/office/records/{record.pk}/"))
