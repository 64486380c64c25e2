"""What operators see of the directory: how many wait and fail, why, and a way to have them tried again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEvent, DirectoryEntry
from registry.models import Person
from tests.accounts.test_admin import operator
from tests.activation.visitor import elements, text
from tests.factories import AccountFactory, AffiliationFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/directoryentry/"
SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
State = DirectoryEntry.State


def entry(state: str, **values: Any) -> DirectoryEntry:
    record = AffiliationFactory.create()
    account = AccountFactory.create(
        username=record.username, person=record.person, affiliation=record, password="argon2$x"
    )
    usual = {"state": state, "waiting_since": SINCE, "written": 1, "dn": f"uid={record.username},ou=people,dc=x"}
    return DirectoryEntry.objects.create(account=account, **(usual | values))


def retry(client: Client, *entries: DirectoryEntry) -> Any:
    chosen = [one.pk for one in entries]
    return client.post(LIST, {"action": "retry_now", "_selected_action": chosen}, follow=True)


def test_numbers_stand_on_top_and_reasons_in_the_list() -> None:
    for state in (State.EQUAL, State.WAITING, State.WAITING, State.REFUSED):
        entry(state, error="syntax" if state == State.REFUSED else "", answer="no such attribute")
    answer = operator("view_directoryentry").get(LIST)
    counts = {state: text(elements(answer, **{"data-count": state})[0]) for state in ("waiting", "refused", "conflict")}
    assert counts == {"waiting": "2", "refused": "1", "conflict": "0"}
    page = answer.content.decode()
    assert "the oldest since 20/11/2026, 12:00" in page
    assert "no such attribute" in page
    assert "retry_now" not in page


def test_tried_again_is_due_at_once_and_audited() -> None:
    client = operator("view_directoryentry", "change_directoryentry")
    refused, equal = entry(State.REFUSED, error="syntax", due_at=datetime(2099, 1, 1, tzinfo=UTC)), entry(State.EQUAL)
    page = retry(client, refused, equal).content.decode()
    assert "1 entry is tried again now." in page
    refused.refresh_from_db()
    assert (refused.state, refused.wanted, refused.error) == (State.WAITING, 2, "")
    assert refused.due_at < datetime(2099, 1, 1, tzinfo=UTC)
    equal.refresh_from_db()
    assert equal.wanted == 1
    (event,) = AuditEvent.objects.filter(act="directory.retried")
    assert (event.account, event.person, event.actor) == (
        refused.account, refused.account.person, Account.objects.get(username="operator"),
    )  # fmt: skip
    assert event.details == {"state": "refused", "error": "syntax"}


def test_not_without_the_right() -> None:
    refused = entry(State.REFUSED, error="syntax")
    retry(operator("view_directoryentry"), refused)
    refused.refresh_from_db()
    assert refused.state == State.REFUSED
    assert not AuditEvent.objects.filter(act="directory.retried").exists()


def test_nobody_edits_an_entry() -> None:
    client = operator("view_directoryentry", "add_directoryentry", "change_directoryentry", "delete_directoryentry")
    one = entry(State.REFUSED)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{one.pk}/change/", {"state": "equal", "dn": "uid=root"})
    one.refresh_from_db()
    assert one.state == State.REFUSED
    assert operator_sees_no_secret(client.get(f"{LIST}{one.pk}/change/").content.decode(), one)


def operator_sees_no_secret(page: str, one: DirectoryEntry) -> bool:
    return one.account.password not in page and "password_written" not in page


def test_more_entries_need_no_more_queries() -> None:
    client = operator("view_directoryentry", "change_directoryentry")
    counts = []
    for rows in (1, 3):
        while Person.objects.count() < rows:
            entry(State.WAITING)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
