"""The demo's page of the directory: what it would hold, from an activation on, and no hash of a password."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.directory import Add
from accounts.directory.line import line
from accounts.directory.names import dn_of
from tests.accounts.directory.test_directories import person
from tests.services.openldap import OpenLDAP

HASH = "{ARGON2}$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"


def maria05() -> Add:
    return person(
        "maria05",
        cn__el="Μαρία <b>Παπαδοπούλου</b>",
        eduPersonAffiliation=("member", "student"),
        objectClass=("inetOrgPerson", "eduPerson", "schGrAcLinkageIdentifiers"),
        schGrAcPersonSSN="14050612345",
        userPassword=HASH,
    )


@pytest.fixture(params=["embedded", "ldap"])
def maria(request: pytest.FixtureRequest, db: None) -> str:
    if request.param == "ldap":
        request.getfixturevalue("openldap")
    with line() as directory:
        assert directory.make([maria05()]) == [None]
    return str(request.param)


def test_entries_as_json(client: Client, maria: str) -> None:
    entries = client.get("/demo/directory.json").json()
    assert set(entries) == {"maria05"}
    entry = entries["maria05"]
    assert entry.pop("userPassword", []) == (["{ARGON2}…"] if maria == "embedded" else [])
    assert {name: set(values) for name, values in entry.items() if name != "dn"} == {
        "uid": {"maria05"},
        "cn": {"Maria P"},
        "cn;lang-el": {"Μαρία <b>Παπαδοπούλου</b>"},
        "sn": {"P"},
        "eduPersonAffiliation": {"member", "student"},
        "schGrAcPersonSSN": {"14050612345"},
        "objectClass": {"inetOrgPerson", "eduPerson", "schGrAcLinkageIdentifiers"},
    }
    assert entry["dn"] == dn_of("maria05")


@pytest.mark.usefixtures("maria")
def test_entries_on_the_page(client: Client) -> None:
    page = client.get("/demo/directory/").content.decode()
    for word in ("Μαρία &lt;b&gt;", "schGrAcPersonSSN", "14050612345", "student", dn_of("maria05")):
        assert word in page
    assert "<b>Παπ" not in page
    assert "aGFzaA" not in page


@pytest.mark.django_db
def test_nobody_is_in_the_directory_yet(client: Client) -> None:
    assert "/demo/directory/" in client.get("/demo/").content.decode()
    assert 'href="/demo/"' in client.get("/demo/directory/").content.decode()
    assert client.get("/demo/directory.json").json() == {}


@pytest.mark.django_db
def test_the_server_does_not_answer(client: Client, openldap: OpenLDAP, settings: Any) -> None:
    openldap.stop()
    assert client.get("/demo/directory.json").status_code == 503
    page = client.get("/demo/directory/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "does not answer" in page.content.decode()


@pytest.mark.django_db
def test_entries_are_kept_without_passwords_and_encrypted() -> None:
    with line() as directory:
        directory.make([maria05()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM demo_embeddedentry")
        stored = str(cursor.fetchall())
    assert "maria05" in stored
    assert "14050612345" not in stored
    assert "aGFzaA" not in str(directory.find(["maria05"], ["userPassword"]))
