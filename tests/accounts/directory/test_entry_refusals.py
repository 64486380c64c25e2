"""The password's form, and persons of whom no entry can be made."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.directory.entry import Unfit, compose, password_value
from tests.accounts.directory.people import HASH, account, student

# ---- The password -------------------------------------------------------------------------------------------


def test_the_password_is_the_account_s_own_hash() -> None:
    assert password_value(account()) == "{ARGON2}" + HASH.removeprefix("argon2")


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"blocked_at": timezone.now()},
        {"password": ""},
        {"password": "!unusable"},
        {"password": "pbkdf2_sha256$1$salt$hash"},
        {"password": "argon2$argon2i$v=19$m=8,t=1,p=1$c29tZQ$c29tZQ"},
    ],
)
@pytest.mark.parametrize("scheme", ["argon2", "ssha512"])
def test_who_may_not_sign_in_has_none(values: dict[str, Any], scheme: str, settings: Any) -> None:
    settings.DIRECTORY_PASSWORD_SCHEME = scheme
    assert password_value(account(**values)) is None


def test_the_operator_s_scheme(settings: Any) -> None:
    settings.DIRECTORY_PASSWORD_SCHEME = "ssha512"
    assert password_value(account(directory_password="{SSHA512}abc")) == "{SSHA512}abc"
    assert password_value(account(directory_password="{SSHA512}abc", blocked_at=timezone.now())) is None
    # Whose password is older than the choice has none that the server could verify.
    assert password_value(account()) is None


# ---- What can't be an entry ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "part"),
    [
        ({"last_name_el": "", "last_name_en": ""}, "name"),
        ({"last_name_el": " ", "last_name_en": "\t"}, "name"),
        ({"first_name_el": "Μα\0ρία"}, "name"),
        ({"last_name_en": "a" * 101}, "name"),
        ({"first_name_en": "Ma\u200bria"}, "name"),
    ],
)
def test_a_name_that_can_not_be_stored_is_refused(record: dict[str, Any], part: str) -> None:
    with pytest.raises(Unfit) as caught:
        compose(account(), [student(**record)])
    assert (caught.value.part, caught.value.code) == (part, "unfit")
    assert "aaa" not in str(caught.value)
    assert "\0" not in str(caught.value)


@pytest.mark.parametrize(
    "username", ["", "Maria", "maria*", "ma(ria)", "a,b", "a b", "μαρία", "a" * 65, "maria\0", "maria\n"]
)
def test_a_username_that_is_none_is_refused(username: str) -> None:
    with pytest.raises(Unfit) as caught:
        compose(account(username=username), [student()])
    assert caught.value.part == "username"


def test_a_person_without_records_is_refused() -> None:
    with pytest.raises(Unfit):
        compose(account(), [])
