"""Whatever a value or a username holds: it is stored as it is, or refused clearly; never anything else."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.directory import Add, Directory, Modify, Rename
from accounts.directory.ldap import PAGE, WINDOW, connect
from accounts.directory.names import dn_of
from tests.accounts.directory.test_directories import PERSON, codes, person
from tests.services.openldap import BASE, OpenLDAP

SPECIAL = "*()\\,+\"<>;=# \0/|&!~\n\t'{}🎓éΆάς\u200b\u0301"
texts = st.one_of(st.text(max_size=200), st.text(st.sampled_from(SPECIAL), max_size=20))


@pytest.fixture
def directory(openldap: OpenLDAP) -> Iterator[Directory]:
    opened = connect()
    yield opened
    opened.close()


@given(name=texts)
@example('*()\\,+"<>;=#')
@example("a\0b")
@example(" leading and trailing ")
@example("ή" * 200)
@example("🎓")
@example("\ud800")
@example("")
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_are_stored_as_they_are_or_refused(directory: Directory, name: str) -> None:
    directory.make([person("maria")])
    refused = directory.make([Modify(dn_of("maria"), {"cn": ("Plain",), "sn": (name,), "title": ("First",)})])[0]
    held = directory.find(["maria"], ["sn"])["maria"].attributes["sn"]
    if refused:
        # Empty, blank, NUL, half a character.
        assert refused.code == "syntax"
        assert not name.strip() or not name.isprintable()
    else:
        assert held == (name,)


@given(username=texts.filter(bool))
@example("*")
@example("maria)(uid=*")
@example("nikos,ou=services")
@example("nikos+cn=x")
@example(' *()\\,+"<>;=# ')
@example("a\0b")
@example("x" * 200)
@example("🎓")
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_usernames_name_their_own_entry_and_no_other(openldap: OpenLDAP, directory: Directory, username: str) -> None:
    openldap.forget()
    directory.make([person("other")])
    if username.strip().lower() == "other":
        return
    assert directory.find([username], []) == {}
    added = Add(dn_of(username), {"objectClass": PERSON, "cn": ("M",), "sn": ("M",)})
    refused = directory.make([added])[0]
    found = directory.find([username], ["uid"])
    if refused:
        assert refused.code == "syntax"
        assert openldap.usernames() == {"other"}
        assert found == {}
        return
    assert [entry.attributes["uid"] for entry in found.values()] == [(username,)]
    assert openldap.usernames() == {"other", username}
    assert codes(directory.make([Modify(dn_of(username), {"sn": ("N",)})])) == [""]
    assert codes(directory.make([Rename(dn_of(username), "plain"), Rename(dn_of("other"), "another")])) == ["", ""]
    assert codes(directory.make([Rename(dn_of("plain"), username)])) == [""]
    assert openldap.usernames() == {"another", username}


@pytest.mark.parametrize("name", ["", "cn\0", "cn;", "sn: x", "*", "sn)(uid=*", "ση"])
def test_attribute_names_that_are_none_are_refused(directory: Directory, name: str) -> None:
    directory.make([person("maria")])
    assert codes(directory.make([Modify(dn_of("maria"), {name: ("x",)})])) == ["syntax"]


@pytest.mark.parametrize(
    ("attributes", "hidden"),
    [
        ({"nonsense": ("14050612345",)}, "14050612345"),
        ({"schacDateOfBirth": ("14 May 2006",)}, "14 May 2006"),
        ({"schGrAcPersonSSN": ("14050612345", "14050612346")}, "1405061234"),
        ({"mail": ("Ünïcode@example.org",)}, "code@example.org"),
        ({"objectClass": ("nobody",)}, "14050612345"),
    ],
)
def test_what_the_schema_does_not_take_is_refused_without_the_value(
    directory: Directory, attributes: dict[str, tuple[str, ...]], hidden: str
) -> None:
    classes = (*PERSON, "schacPersonalCharacteristics", "schGrAcLinkageIdentifiers")
    directory.make([person("maria", objectClass=classes)])
    refused = directory.make([Modify(dn_of("maria"), attributes)])[0]
    assert refused is not None
    assert refused.code == "syntax"
    assert next(iter(attributes)) in refused.answer
    assert hidden not in refused.answer


def test_refusals_are_those_of_their_changes(directory: Directory) -> None:
    """More than fit into the window, good and bad ones mixed."""
    changes = [
        person(f"person{number}") if number % 3 else Add(f"uid=a,ou=absent,{BASE}", person("a").attributes)
        for number in range(3 * WINDOW)
    ]
    outcomes = codes(directory.make(changes))
    assert set(outcomes[0::3]) == {"missing"}
    assert set(outcomes[1::3]) == set(outcomes[2::3]) == {""}


def test_everybody_comes_in_pages(openldap: OpenLDAP, directory: Directory) -> None:
    """Also while entries are changed in between, and past the server's limit of 500 for others."""
    count = 3 * PAGE + 7
    assert set(codes(directory.make([person(f"person{number}") for number in range(count)]))) == {""}
    seen = []
    for entry in directory.everybody(["cn"]):
        seen.append(entry.username)
        if len(seen) % 400 == 0:
            assert codes(directory.make([Modify(entry.dn, {"title": ("Seen",)})])) == [""]
            assert set(directory.find(["person1"], [])) == {"person1"}
    assert len(seen) == len(set(seen)) == count
    # A list that somebody left half-way does not disturb the next one.
    abandoned = directory.everybody(["cn"])
    next(abandoned)
    abandoned.close()
    assert len(list(directory.everybody([]))) == count
