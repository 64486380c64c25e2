"""What the operator's files give to whom: the service account writes people and nothing else, and reads no password."""

from collections.abc import Iterator
from typing import Any

import ldap
import pytest
from argon2 import PasswordHasher

from accounts.directory import Add, Directory, Modify, Refused
from accounts.directory.ldap import connect
from accounts.directory.names import dn_of
from tests.accounts.directory.test_directories import codes, person
from tests.services.openldap import BASE, PEOPLE, POLICY, READER, SERVICE, OpenLDAP

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash
PASSWORD = "blue-ferry-harbour"


@pytest.fixture
def directory(openldap: OpenLDAP) -> Iterator[Directory]:
    opened = connect()
    opened.make([person("maria", userPassword="{ARGON2}" + HASH(PASSWORD), schGrAcPersonSSN="14050612345",
                        objectClass=("inetOrgPerson", "schGrAcLinkageIdentifiers"))])  # fmt: skip
    yield opened
    opened.close()


def seen_by(server: OpenLDAP, dn: str, password: str, base: str = BASE) -> dict[str, Any]:
    """Whatever a search for everything shows to somebody."""
    line = ldap.initialize(server.socket_url)
    line.simple_bind_s(dn, password)
    try:
        return dict(line.search_s(base, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["*", "+"]))
    except ldap.NO_SUCH_OBJECT:
        return {}
    finally:
        line.unbind_s()


# ---- Access -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("directory")
def test_a_password_hashed_by_argon2_signs_in(openldap: OpenLDAP) -> None:
    assert openldap.accepts("maria", PASSWORD)
    assert not openldap.accepts("maria", PASSWORD + "s")
    assert not openldap.accepts("nikos", PASSWORD)


def test_after_a_change_the_old_password_does_not(openldap: OpenLDAP, directory: Directory) -> None:
    assert directory.make([Modify(dn_of("maria"), {"userPassword": ("{ARGON2}" + HASH("a new one"),)})]) == [None]
    assert openldap.accepts("maria", "a new one")
    assert not openldap.accepts("maria", PASSWORD)
    assert directory.make([Modify(dn_of("maria"), {"userPassword": ()})]) == [None]
    assert not openldap.accepts("maria", "a new one")


def test_the_service_account_writes_people_only(openldap: OpenLDAP, directory: Directory) -> None:
    unit = {"objectClass": ("organizationalUnit",), "ou": ("x",)}
    elsewhere = [
        *(Add(f"ou=x,{parent}", unit) for parent in (BASE, f"ou=services,{BASE}", f"ou=policies,{BASE}")),
        *(Modify(dn, {"description": ("ours now",)}) for dn in (BASE, PEOPLE, SERVICE, READER, POLICY)),
        *(Modify(dn, {"userPassword": ("ours now",)}) for dn in (SERVICE, READER)),
        # Nor below a person.
        Add(f"ou=x,{dn_of('maria')}", unit),
    ]
    assert set(codes(directory.make(elsewhere))) <= {"forbidden", "missing"}
    with openldap.manager() as line:
        everything = str(line.search_s(BASE, ldap.SCOPE_SUBTREE))
    assert "ours now" not in everything
    assert "ou=x" not in everything


@pytest.mark.usefixtures("directory")
def test_the_service_account_sees_people_only_and_no_passwords(openldap: OpenLDAP) -> None:
    seen = seen_by(openldap, SERVICE, "secret-of-the-tests", PEOPLE)
    assert set(seen) == {PEOPLE, dn_of("maria")}
    assert seen[dn_of("maria")]["schGrAcPersonSSN"] == [b"14050612345"]
    assert "argon2" not in str(seen)
    assert seen_by(openldap, SERVICE, "secret-of-the-tests") == {}


@pytest.mark.usefixtures("directory")
def test_old_passwords_are_for_nobody(openldap: OpenLDAP) -> None:
    openldap.policy(pwdInHistory="3")
    with openldap.manager() as line:
        for password in (b"first-of-all", b"second-of-all"):
            line.modify_s(dn_of("maria"), [(ldap.MOD_REPLACE, "userPassword", [password])])
    assert "pwdHistory" in openldap.entry("maria")
    for dn in (SERVICE, READER):
        assert "-of-all" not in str(seen_by(openldap, dn, "secret-of-the-tests", PEOPLE))


@pytest.mark.usefixtures("directory")
def test_the_identity_provider_reads_people_and_writes_nothing(openldap: OpenLDAP) -> None:
    seen = seen_by(openldap, READER, "secret-of-the-tests", PEOPLE)
    assert seen[dn_of("maria")]["cn"] == [b"Maria P"]
    assert "argon2" not in str(seen)
    line = openldap.connect(READER)
    with pytest.raises(ldap.INSUFFICIENT_ACCESS):
        line.modify_s(dn_of("maria"), [(ldap.MOD_REPLACE, "sn", [b"X"])])
    line.unbind_s()


@pytest.mark.usefixtures("directory")
def test_others_see_nobody(openldap: OpenLDAP) -> None:
    assert seen_by(openldap, "", "") == {}
    assert seen_by(openldap, "", "", PEOPLE) == {}
    # Not even themselves: what is held of somebody is shown by URegister.
    assert seen_by(openldap, dn_of("maria"), PASSWORD, PEOPLE) == {}


# ---- The password policy ----------------------------------------------------------------------------------------


def set_password(directory: Directory, password: str) -> Refused | None:
    return directory.make([Modify(dn_of("maria"), {"userPassword": (password,)})])[0]


@pytest.mark.parametrize(
    ("policy", "password", "code"),
    [
        # Whoever wants to check the quality itself can't take a hash.
        ({"pwdCheckQuality": "2"}, "{ARGON2}" + HASH("anything"), "quality"),
        ({"pwdCheckQuality": "2", "pwdMinLength": "12"}, "short-one", "short"),
        ({"pwdInHistory": "3"}, "old-password", "history"),
        ({"pwdMinAge": "3600"}, "another-password", "young"),
    ],
)
def test_refusals_of_the_policy_have_a_code(
    openldap: OpenLDAP, directory: Directory, policy: dict[str, str], password: str, code: str
) -> None:
    openldap.policy(**policy | {"pwdMinAge": ""})
    assert set_password(directory, "old-password") is None or code in ("quality", "short")
    if "pwdInHistory" in policy:
        assert set_password(directory, "newer-password") is None
    openldap.policy(**policy)
    refused = set_password(directory, password)
    assert refused is not None
    assert refused.code == code
    assert refused.answer
    assert password not in refused.answer
    openldap.policy(pwdCheckQuality="0", pwdInHistory="", pwdMinAge="", pwdMinLength="")
    assert set_password(directory, password) is None


def test_who_is_locked_is_told(openldap: OpenLDAP, directory: Directory) -> None:
    openldap.policy(pwdMaxFailure="2")
    assert directory.find(["maria"], [])["maria"].locked_at == ""
    for _ in range(2):
        assert not openldap.accepts("maria", "wrong")
    assert not openldap.accepts("maria", PASSWORD)
    assert directory.find(["maria"], [])["maria"].locked_at != ""
    # A new password unlocks, as the policy has it.
    assert set_password(directory, "{ARGON2}" + HASH(PASSWORD)) is None
    assert openldap.accepts("maria", PASSWORD)


def test_a_locked_service_account_is_named(openldap: OpenLDAP, settings: Any) -> None:
    from accounts.directory import DirectoryAway

    openldap.policy(pwdMaxFailure="1")
    right, settings.DIRECTORY_BIND_PASSWORD = settings.DIRECTORY_BIND_PASSWORD, "wrong"
    try:
        for _ in range(2):
            with pytest.raises(DirectoryAway) as away:
                connect()
        settings.DIRECTORY_BIND_PASSWORD = right
        with pytest.raises(DirectoryAway, match="Account locked"):
            connect()
    finally:
        with openldap.manager() as line:
            line.modify_s(SERVICE, [(ldap.MOD_REPLACE, "userPassword", [right.encode()])])
    assert "wrong" not in str(away.value)
    connect().close()
