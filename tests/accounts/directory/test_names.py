"""Distinguished names: whatever a username holds, it comes back, and `python-ldap` reads the name the same way."""

import ldap.dn
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.directory.names import dn_of, people_dn, username_of

usernames = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(usernames)
@example("maria")
@example(' *()\\,+"<>;=# ')
@example(" ")
@example("#")
@example("a\0b\\00")
@example("Μαρία 🎓")
@example("a\n")
def test_a_username_comes_back(username: str) -> None:
    dn = dn_of(username)
    assert username_of(dn) == username
    if "\0" not in username:
        assert ldap.dn.str2dn(dn)[0] == [("uid", username, 1 if username.isascii() and username.isprintable() else 4)]
        assert username_of(ldap.dn.dn2str(ldap.dn.str2dn(dn))) == username


@pytest.mark.parametrize(
    ("dn", "username"),
    [
        ("UID=Maria, OU=People, DC=uregister, DC=example", "Maria"),
        (r"uid=\ce\bc\,\2b,ou=people,dc=uregister,dc=example", "μ,+"),
    ],
)
def test_names_as_servers_spell_them(dn: str, username: str) -> None:
    assert username_of(dn) == username


@pytest.mark.parametrize(
    "dn",
    [
        *("", "uid=maria", "cn=maria,{people}", "uid=,{people}", "uid=a+cn=b,{people}", "uid=a,uid=b,{people}"),
        *(
            "uid=maria,ou=people,dc=example,dc=org",
            "{people}",
            "uid=a\0,{people}",
            "uid=a\\,{people}",
            "uid=\\ff,{people}",
        ),
    ],
)
def test_names_of_nobody(dn: str) -> None:
    with pytest.raises(ValueError, match=r"not the name|decode"):
        username_of(dn.format(people=people_dn()))
