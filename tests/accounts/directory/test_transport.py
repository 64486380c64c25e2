"""The way to a real OpenLDAP: each door, wrong certificates and passwords, servers that are away or say nothing."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import ldap
import pytest

from accounts.directory import Add, DirectoryAway, Modify
from accounts.directory.ldap import _options, connect
from accounts.directory.line import hang_up, line
from accounts.directory.names import dn_of
from tests.accounts.directory.test_directories import PERSON, person
from tests.services.certificates import authority
from tests.services.openldap import SERVICE, OpenLDAP
from tests.services.openldap import openldap as another
from tests.services.processes import free_port

# Seconds, long enough on one machine.
QUICK = 0.4


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def works() -> bool:
    opened = connect()
    try:
        return opened.identity == SERVICE and opened.works() and opened.find(["nobody"], ["cn"]) == {}
    finally:
        opened.close()


def away() -> str:
    """Why nothing can be reached."""
    with pytest.raises(DirectoryAway) as error:
        connect()
    return str(error.value)


# ---- Doors ------------------------------------------------------------------------------------------------------


def test_plain(openldap: OpenLDAP) -> None:
    assert works()


def test_tls(openldap: OpenLDAP, settings: Any) -> None:
    settings.DIRECTORY_URLS = [openldap.secure_url]
    assert works()


def test_starttls(openldap: OpenLDAP, settings: Any) -> None:
    settings.DIRECTORY_STARTTLS = True
    # The server lets nobody in without encryption, so that it must have been used.
    with openldap.only_encrypted():
        assert works()
        settings.DIRECTORY_STARTTLS = False
        assert "onfidentiality" in away()


def test_socket_without_a_password(openldap: OpenLDAP, settings: Any) -> None:
    settings.DIRECTORY_URLS = [openldap.socket_url]
    settings.DIRECTORY_BIND_DN = settings.DIRECTORY_BIND_PASSWORD = ""
    assert works()


def test_socket_with_a_password(openldap: OpenLDAP, settings: Any) -> None:
    settings.DIRECTORY_URLS = [openldap.socket_url]
    assert works()


@pytest.mark.parametrize("starttls", [True, False])
def test_certificates_of_strangers_are_refused(
    openldap: OpenLDAP, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starttls: bool
) -> None:
    stranger = tmp_path / "stranger.crt"
    stranger.write_bytes(authority("Stranger").certificate_pem)
    settings.DIRECTORY_STARTTLS = starttls
    settings.DIRECTORY_URLS = [openldap.url if starttls else openldap.secure_url]
    settings.DIRECTORY_CA = str(stranger)
    # What a machine's own configuration says does not count.
    monkeypatch.setenv("LDAPTLS_REQCERT", "never")
    assert "certificate not accepted: " in away()
    settings.DIRECTORY_CA = openldap.ca
    assert works()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_libldap_verifies_too(openldap: OpenLDAP, settings: Any, tmp_path: Path, host: str) -> None:
    """Not only the rehearsal of the handshake."""
    if host == "127.0.0.1":
        settings.DIRECTORY_CA = str(tmp_path / "stranger.crt")
        Path(settings.DIRECTORY_CA).write_bytes(authority("Stranger").certificate_pem)
    url = f"ldaps://{host}:{openldap.secure_port}"
    opened = ldap.initialize(url)
    for option, value in _options(url).items():
        opened.set_option(option, value)
    with pytest.raises((ldap.SERVER_DOWN, ldap.CONNECT_ERROR)):
        opened.whoami_s()
    opened.unbind_s()


def test_certificates_of_other_hosts_are_refused(openldap: OpenLDAP, settings: Any) -> None:
    # The server is there too, but its certificate does not say so.
    settings.DIRECTORY_URLS = [f"ldaps://127.0.0.2:{openldap.secure_port}"]
    assert "IP address mismatch" in away()


@pytest.mark.parametrize("password", ["wrong", "μυστικό"])
def test_wrong_password(openldap: OpenLDAP, settings: Any, password: str) -> None:
    settings.DIRECTORY_BIND_PASSWORD = password
    reason = away()
    assert reason == f"{openldap.url}: Invalid credentials"
    assert password not in reason


# ---- Servers that are away --------------------------------------------------------------------------------------


def test_the_next_server_is_used_when_one_is_away(openldap: OpenLDAP, settings: Any, silent: int) -> None:
    settings.DIRECTORY_TIMEOUT = QUICK
    gone, mute = f"ldap://127.0.0.1:{free_port()}", f"ldap://127.0.0.1:{silent}"
    settings.DIRECTORY_URLS = [gone, mute, openldap.url]
    assert works()
    settings.DIRECTORY_URLS = [gone, mute]
    reason = away()
    assert gone in reason
    assert mute in reason


def test_the_first_server_is_preferred(openldap: OpenLDAP, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with another() as second:
        settings.DIRECTORY_URLS = [openldap.url, second.url]
        with line() as directory:
            directory.make([person("maria")])
        openldap.stop()
        with line() as directory:
            directory.make([person("nikos")])
        openldap.start()
        # The line to the second is kept for a while.
        with line() as directory:
            directory.make([person("anna")])
        assert openldap.usernames() == {"maria"}
        assert second.usernames() == {"nikos", "anna"}
        monkeypatch.setattr("accounts.directory.line.LIFE", 0)
        with line() as directory:
            assert set(directory.find(["maria", "nikos"], [])) == {"maria"}


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
@pytest.mark.parametrize("starttls", [False, True])
def test_a_server_that_says_nothing_is_waited_for_as_long_as_set(
    settings: Any, silent: int, scheme: str, starttls: bool
) -> None:
    settings.DIRECTORY_URLS = [f"{scheme}://127.0.0.1:{silent}"]
    settings.DIRECTORY_STARTTLS = starttls
    settings.DIRECTORY_BIND_DN, settings.DIRECTORY_BIND_PASSWORD = SERVICE, "any"
    settings.DIRECTORY_TIMEOUT = QUICK
    begin = time.monotonic()
    away()
    assert QUICK * 0.8 < time.monotonic() - begin < QUICK * 3


@pytest.mark.parametrize(
    "call",
    [
        lambda directory: directory.find(["maria"], []),
        lambda directory: list(directory.everybody([])),
        lambda directory: directory.make([person("maria")]),
    ],
)
@pytest.mark.parametrize("how", ["pause", "stop", "kill"])
def test_a_line_that_breaks_is_told(openldap: OpenLDAP, settings: Any, call: Callable[[Any], Any], how: str) -> None:
    settings.DIRECTORY_TIMEOUT = QUICK
    opened = connect()
    getattr(openldap, how)()
    begin = time.monotonic()
    with pytest.raises(DirectoryAway):
        call(opened)
    assert not opened.works()
    assert time.monotonic() - begin < QUICK * 6
    opened.close()


def test_a_line_that_the_server_closed_is_opened_anew(openldap: OpenLDAP) -> None:
    with line() as first:
        first.make([person("maria")])
    openldap.restart()
    with line() as second:
        assert set(second.find(["maria"], [])) == {"maria"}
    assert second is not first


def test_a_server_that_was_away_is_found_again(openldap: OpenLDAP) -> None:
    openldap.kill()
    for _ in range(2):
        with pytest.raises(DirectoryAway), line():
            pass
    openldap.start()
    with line() as directory:
        assert directory.make([person("maria")]) == [None]


def test_a_line_that_is_cut_in_the_middle_of_many_changes(openldap: OpenLDAP, settings: Any) -> None:
    """Some are made and some are not; making them again puts it right."""
    settings.DIRECTORY_TIMEOUT = QUICK
    people = [person(f"person{number}") for number in range(400)]
    opened = connect()

    def kill() -> None:
        while len(openldap.usernames()) < 40:
            time.sleep(0.001)
        openldap.kill()

    killer = Thread(target=kill)
    killer.start()
    with pytest.raises(DirectoryAway):
        opened.make(people * 20)
    killer.join()
    opened.close()
    openldap.start()
    assert 40 <= len(openldap.usernames()) <= 400
    with line() as directory:
        outcomes = directory.make(people)
        assert {outcome.code for outcome in outcomes if outcome} == {"exists"}
        assert len(directory.find([f"person{number}" for number in range(400)], [])) == 400


def test_a_thread_has_a_line_of_its_own(openldap: OpenLDAP) -> None:
    lines = []

    def work() -> None:
        with line() as directory:
            directory.make([Modify(dn_of("nobody"), {}), Add(dn_of("nikos"), {"objectClass": PERSON})])
            lines.append(directory)
        hang_up()

    with line() as mine:
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert lines
    assert lines[0] is not mine
