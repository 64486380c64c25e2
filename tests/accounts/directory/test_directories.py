"""What every directory promises, whether a real server or what stands in for one in the embedded modes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.directory import Add, Directory, DirectoryAway, Modify, Refused, Rename
from accounts.directory.line import connect, hang_up, line
from accounts.directory.names import dn_of

PERSON = ("top", "person", "organizationalPerson", "inetOrgPerson")


@pytest.fixture(params=["embedded", "ldap"])
def directory(request: pytest.FixtureRequest, db: None) -> Iterator[Directory]:
    if request.param == "ldap":
        request.getfixturevalue("openldap")
    opened = connect()
    yield opened
    opened.close()


def person(username: str, **attributes: str | tuple[str, ...]) -> Add:
    given = {"objectClass": PERSON, "uid": username, "cn": "Maria P", "sn": "P"} | attributes
    values = {name.replace("__", ";lang-"): (held,) if isinstance(held, str) else held for name, held in given.items()}
    return Add(dn_of(username), values)


def codes(outcomes: list[Refused | None]) -> list[str]:
    """The codes of what was refused, "" for what was done."""
    return [outcome.code if outcome else "" for outcome in outcomes]


def test_an_entry_is_found_as_it_was_added(directory: Directory) -> None:
    before = timezone.now() - timedelta(seconds=2)
    added = person("maria05", cn__el="Μαρία Π", mail=("m@example.org", "maria@example.org"))
    assert directory.make([added]) == [None]
    found = directory.find(["maria05", "nikos"], ["cn", "mail", "objectClass", "telephoneNumber"])
    assert set(found) == {"maria05"}
    entry = found["maria05"]
    assert (entry.dn, entry.username) == (dn_of("maria05"), "maria05")
    assert {name: set(values) for name, values in entry.attributes.items()} == {
        "cn": {"Maria P"},
        "cn;lang-el": {"Μαρία Π"},
        "mail": {"m@example.org", "maria@example.org"},
        "objectClass": set(PERSON),
    }
    assert len(entry.uuid) == 36
    assert entry.creator == directory.identity
    assert entry.created_at is not None
    assert before < entry.created_at < timezone.now() + timedelta(seconds=2)
    assert entry.locked_at == ""


def test_usernames_are_found_in_any_case(directory: Directory) -> None:
    directory.make([person("Maria05")])
    assert set(directory.find(["mARIA05"], [])) == {"maria05"}
    assert directory.find(["maria05"], ["uid"])["maria05"].attributes == {"uid": ("Maria05",)}


def test_what_exists_is_not_added_again(directory: Directory) -> None:
    assert codes(directory.make([person("maria"), person("nikos")])) == ["", ""]
    assert codes(directory.make([person("anna"), person("MARIA", sn="Stranger"), person("petros")])) == [
        "",
        "exists",
        "",
    ]
    assert directory.find(["maria"], ["sn"])["maria"].attributes == {"sn": ("P",)}
    assert set(directory.find(["anna", "petros"], [])) == {"anna", "petros"}


def test_attributes_are_replaced_removed_and_added_to(directory: Directory) -> None:
    directory.make([person("maria", mail="a@example.org", telephoneNumber="1", description="theirs")])
    replace = {"mail": ("b@example.org",), "telephoneNumber": (), "givenName": ("Maria",), "title": ()}
    change = Modify(dn_of("maria"), replace, {"description": ("ours", "theirs")})
    # Again without harm: the answer to the first may have been lost.
    assert codes(directory.make([change])) == codes(directory.make([change])) == [""]
    entry = directory.find(["maria"], ["mail", "telephoneNumber", "givenName", "title", "description"])["maria"]
    assert {name: sorted(values) for name, values in entry.attributes.items()} == {
        "mail": ["b@example.org"],
        "givenName": ["Maria"],
        "description": ["ours", "theirs"],
    }


def test_what_is_not_there_is_missing(directory: Directory) -> None:
    changes = [Modify(dn_of("nobody"), {"sn": ("X",)}), Rename(dn_of("no"), "body")]
    assert codes(directory.make(changes)) == ["missing", "missing"]


def test_a_username_changes_and_the_entry_stays_the_same(directory: Directory) -> None:
    directory.make([person("maria"), person("nikos")])
    before = directory.find(["maria"], [])["maria"]
    assert codes(directory.make([Rename(dn_of("maria"), "nikos")])) == ["exists"]
    assert codes(directory.make([Rename(dn_of("maria"), "maria.p")])) == [""]
    found = directory.find(["maria", "maria.p"], ["uid", "sn"])
    assert set(found) == {"maria.p"}
    assert found["maria.p"].uuid == before.uuid
    assert found["maria.p"].dn == dn_of("maria.p")
    assert found["maria.p"].attributes == {"uid": ("maria.p",), "sn": ("P",)}


def test_names_that_are_none_are_refused(directory: Directory) -> None:
    added = person("maria")
    for dn in ("", "maria", "uid=a\0,ou=people", "uid=maria,ou=people,,"):
        assert codes(directory.make([Add(dn, added.attributes)])) == ["syntax"]
    assert list(directory.everybody([])) == []


def test_the_username_of_the_name_is_one_of_the_entry(directory: Directory) -> None:
    without = {name: values for name, values in person("maria").attributes.items() if name != "uid"}
    assert codes(directory.make([Add(dn_of("Maria"), without)])) == [""]
    assert directory.find(["maria"], ["uid"])["maria"].attributes == {"uid": ("Maria",)}


def test_passwords_are_never_read(directory: Directory) -> None:
    directory.make([person("maria", userPassword="{ARGON2}$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")])
    for entry in (directory.find(["maria"], ["userPassword", "*"])["maria"], *directory.everybody(["userPassword"])):
        assert "aGFzaA" not in str(entry)


def test_everybody_is_listed(directory: Directory) -> None:
    directory.make([person(f"person{number}", mail=f"{number}@example.org") for number in range(30)])
    listed = {entry.username: entry.attributes["mail"] for entry in directory.everybody(["mail"])}
    assert listed == {f"person{number}": (f"{number}@example.org",) for number in range(30)}


def test_nothing_happens_inside_a_transaction(directory: Directory) -> None:
    with transaction.atomic():
        for call in (
            lambda: directory.make([person("maria")]),
            lambda: directory.find(["maria"], []),
            lambda: next(directory.everybody([])),
            lambda: line().__enter__(),
        ):
            with pytest.raises(RuntimeError, match="inside a transaction"):
                call()
    assert directory.find(["maria"], []) == {}


# ---- The line of a thread ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("directory")
def test_a_line_is_kept_until_the_directory_goes_away() -> None:
    with line() as first:
        pass
    with pytest.raises(KeyError), line() as second:
        raise KeyError
    with pytest.raises(DirectoryAway), line() as third:
        raise DirectoryAway
    with line() as fourth:
        pass
    hang_up()
    assert first is second is third
    assert fourth is not first


def test_no_directory_is_away(settings: Any) -> None:
    settings.DIRECTORY = ""
    with pytest.raises(DirectoryAway, match="UREGISTER_DIRECTORY_URL"):
        connect()
