"""`/readyz` tells of a directory that does not keep up, and never waits for one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.directory.claims import AWAY
from accounts.directory.health import LONG
from accounts.models import DirectoryEntry
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

State = DirectoryEntry.State
FINE = {"status": "ok", "database": "ok", "directory": "ok"}
DEGRADED = {"status": "degraded", "database": "ok", "directory": "degraded"}


@pytest.fixture
def entry() -> DirectoryEntry:
    DirectoryEntry.objects.all().delete()
    return DirectoryEntry.objects.create(account=AccountFactory(), state=State.EQUAL, waiting_since=None)


def ready(entry: DirectoryEntry, **changes: Any) -> Any:
    DirectoryEntry.objects.filter(pk=entry.pk).update(**changes)
    response = Client().get("/readyz")
    assert response.status_code == 200
    return response.json()


def test_all_is_well(entry: DirectoryEntry) -> None:
    assert ready(entry) == FINE
    assert ready(entry, state=State.WAITING, waiting_since=timezone.now() - LONG / 2) == FINE


def test_entries_that_wait_long(entry: DirectoryEntry, settings: Any) -> None:
    # A port that nobody listens on: it is not asked.
    settings.DIRECTORY, settings.DIRECTORY_URLS = "ldap", ["ldap://127.0.0.1:1"]
    since = timezone.now() - LONG - timedelta(seconds=1)
    assert ready(entry, state=State.WAITING, waiting_since=since) == DEGRADED
    assert ready(entry, state=State.EQUAL) == FINE


def test_the_directory_did_not_answer(entry: DirectoryEntry) -> None:
    now = timezone.now()
    assert ready(entry, state=State.WAITING, waiting_since=now, error=AWAY) == DEGRADED
    assert ready(entry, state=State.WAITING, waiting_since=now, error="") == FINE


@pytest.mark.parametrize("error", ["forbidden", "syntax", "busy", "other"])
def test_refusals(entry: DirectoryEntry, error: str) -> None:
    assert ready(entry, state=State.REFUSED, error=error) == DEGRADED


@pytest.mark.parametrize(
    ("state", "error"), [(State.REFUSED, "unfit"), (State.REFUSED, "history"), (State.CONFLICT, "")]
)
def test_what_the_directory_cannot_help(entry: DirectoryEntry, state: str, error: str) -> None:
    since = timezone.now() - 2 * LONG
    assert ready(entry, state=state, error=error, waiting_since=since) == FINE


def test_no_directory(entry: DirectoryEntry, settings: Any) -> None:
    settings.DIRECTORY = ""
    since = timezone.now() - 2 * LONG
    assert ready(entry, state=State.WAITING, waiting_since=since) == FINE
