"""After a whole journey the PIN, the password and the AMKA stand nowhere in the clear."""

import base64
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys import people, walking
from tests.services.product import Product


@pytest.fixture
def journey(page: Page, product: Product) -> tuple[list[str], dict[str, str]]:
    """Every address the browser asked for, with referrers, and the secrets that were typed."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + " " + request.headers.get("referer", "")))
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.NIKOS, email="nikos@example.org")
    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")
    pin = product.pin_sent_to(people.NIKOS)
    walking.send(page, pin=walking.wrong(pin))
    walking.send(page, pin=pin)
    walking.confirm(page)
    walking.set_password(page, password="kort-7")
    walking.set_password(page)
    walking.username(page)
    secrets = {"PIN": pin, "password": walking.PASSWORD, "refused password": "kort-7", "AMKA": people.NIKOS_AMKA}
    return asked, secrets


def found(secrets: dict[str, str], text: str) -> list[str]:
    return [name for name, secret in secrets.items() if secret in text]


def test_secrets_stand_nowhere(journey: tuple[list[str], dict[str, str]], product: Product) -> None:
    addresses, secrets = journey
    contacts = {"mobile": people.NIKOS.lstrip("+"), "e-mail": "nikos@"}
    assert len(addresses) > 20
    assert found(secrets | contacts, "\n".join(addresses)) == []
    assert found(secrets, product.log.read_text()) == []
    written = rows(product.state / "uregister.sqlite3") - rows(product.state / "remembered.sqlite3")
    assert any("account.opened" in row for row in written)
    assert found(secrets, "\n".join(written)) == []
    sessions = [opened(row[0]) for row in product.sql("SELECT session_data FROM django_session")]
    assert any("activation" in session for session in sessions)
    assert found(secrets | contacts, "\n".join(sessions)) == []


def rows(path: Path) -> set[str]:
    """Every row of the database, as text."""
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.iterdump())


def opened(session: str) -> str:
    """What Django has signed and compressed: `.payload:time:signature`."""
    payload = session.split(":", maxsplit=1)[0]
    packed = payload.removeprefix(".")
    content = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    return (zlib.decompress(content) if payload.startswith(".") else content).decode()
