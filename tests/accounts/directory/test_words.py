"""What people read of the directory: each state in words, on each page that shows it, in one query."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.directory import words
from accounts.models import DirectoryEntry
from tests.activation.visitor import Visitor, elements, goes_to, page, text
from tests.factories import AffiliationFactory
from tests.mypassword.desk import helper
from tests.mypassword.forgetful import DONE, Forgetful, forgetful

State = DirectoryEntry.State
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # 12:00 in Athens.
MENU = "/mypassword/"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Words that are translated only where they are read are read in English too."""
    with translation.override("en"):
        yield


def entry(state: str = State.WAITING, **values: Any) -> DirectoryEntry:
    return DirectoryEntry(**({"state": state, "waiting_since": NOON, "password_due": False} | values))


def told(*, after: timedelta = timedelta(0), **values: Any) -> words.Words:
    with time_machine.travel(NOON + after, tick=False), translation.override("en"):
        return words.describe(entry(**values))


def test_what_is_there_is_said_to_be() -> None:
    found = told(state=State.EQUAL, waiting_since=None)
    assert (found.text, found.advice) == ("up to date", "All services know your username and your password.")
    assert found.is_settled


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(seconds=1), "on its way"),
        (timedelta(minutes=3), "waiting since 12:00, we keep trying"),
        (timedelta(days=1), "waiting since 23/11, 12:00, we keep trying"),
    ],
)
def test_what_waits_says_since_when_once_it_takes_long(after: timedelta, said: str) -> None:
    found = told(after=after)
    assert found.text == said
    assert not found.is_settled


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"written": 0, "password_due": True}, "as soon as the directory has it"),
        ({"written": 1, "password_due": True}, "the services take the former one"),
        ({"written": 1}, "You sign in as always"),
    ],
)
def test_until_then(values: dict[str, Any], said: str) -> None:
    assert said in str(told(**values).advice)


@pytest.mark.parametrize(
    ("error", "said", "choose", "ask"),
    [
        ("quality", "too simple", True, True),
        ("short", "too short", True, True),
        ("history", "have had before", True, False),
        ("young", "so soon after", False, False),
        ("locked", "locked your account", False, True),
        ("unfit", "secretariat", False, False),
        ("syntax", "We have been told", False, True),
        ("forbidden", "We have been told", False, True),
        ("other", "We have been told", False, True),
        ("a code of tomorrow", "We have been told", False, True),
    ],
)
def test_a_refusal_says_who_mends_it(error: str, said: str, choose: bool, ask: bool) -> None:
    found = told(state=State.REFUSED, error=error, answer="Constraint violation: secret words of the server")
    assert said in f"{found.text} {found.advice}"
    assert (found.choose, found.ask, found.is_settled) == (choose, ask, True)
    assert "secret words" not in f"{found.text} {found.advice}"


def test_a_stranger_s_entry() -> None:
    found = told(state=State.CONFLICT, error="conflict")
    assert "Another entry has your username" in str(found.advice)
    assert found.ask


def test_every_code_of_the_password_policy_has_words() -> None:
    assert {*words.PASSWORD_REFUSED, *words.HELD_UP} == {"quality", "short", "history", "young", "locked"}


# ---- The pages ----------------------------------------------------------------------------------------------


def stand(person: Any, **values: Any) -> None:
    """Let the account's entry stand so."""
    DirectoryEntry.objects.update_or_create(account=person, defaults={"waiting_since": None, **values})


def shown(answer: Any) -> str:
    found = elements(answer, id="directory")
    return text(found[0]) if found else ""


@pytest.mark.django_db
def test_the_last_page_of_the_activation() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record)
    assert goes_to(visitor.reach_password().register()) == "done"
    account = record.person.account
    stand(account, state=State.EQUAL)
    assert "✓ up to date" in shown(visitor.get("done"))
    stand(account, state=State.WAITING, waiting_since=NOON)
    assert "waiting since 23/11, 12:00, we keep trying" in shown(visitor.get("done"))
    assert "data-settled" not in page(visitor.get("done"))
    stand(account, state=State.REFUSED, error="quality")
    assert "Choose another password" in shown(visitor.get("done"))
    stand(account, state=State.CONFLICT)
    assert "helpdesk@uregister.example" in shown(visitor.get("done"))


@pytest.mark.django_db
def test_the_menu_and_the_page_after_a_recovery() -> None:
    person = forgetful().recover()
    stand(person.account, state=State.WAITING, written=3, password_due=True)
    assert "take the former one" in shown(person.get(DONE))
    person.sign_in(password="vrachos-19-Kallithea")
    assert "take the former one" in shown(person.get(MENU))
    stand(person.account, state=State.EQUAL)
    assert "All services know" in shown(person.get(MENU))


@pytest.mark.django_db
def test_the_helpdesk_reads_what_the_person_does_without_a_way_to_its_own_password() -> None:
    person = forgetful()
    stand(person.account, state=State.REFUSED, error="short")
    sheet = helper().get(f"/mypassword/helpdesk/{person.account.person_id}/")
    assert "too short for the directory" in shown(sheet)
    assert 'href="/mypassword/password/"' not in page(sheet)


@pytest.mark.django_db
def test_where_no_directory_is_set_nothing_is_said_of_one(settings: Any) -> None:
    person = forgetful(signed_in=True)
    stand(person.account, state=State.WAITING)
    settings.DIRECTORY = ""
    assert shown(person.get(MENU)) == ""


@pytest.mark.django_db
def test_an_account_that_is_no_person_s_has_none() -> None:
    person = forgetful(signed_in=True)
    DirectoryEntry.objects.all().delete()
    assert shown(person.get(MENU)) == ""


@pytest.mark.django_db
def test_it_costs_one_query() -> None:
    person: Forgetful = forgetful()
    stand(person.account, state=State.EQUAL)
    with CaptureQueriesContext(connection) as queries:
        assert words.of_account(person.account.pk)
        assert words.of_person(person.account.person_id or 0)
    assert len(queries) == 2
