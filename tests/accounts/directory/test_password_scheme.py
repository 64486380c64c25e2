"""The operator's own scheme for the directory: made with each new password, by every way that sets one."""

from base64 import b64decode
from hashlib import sha512
from typing import Any

import pytest

from accounts.directory.entry import password_value
from accounts.models import Account
from accounts.passwords import hashes
from tests.activation.visitor import PASSWORD as CHOSEN
from tests.activation.visitor import Visitor, goes_to
from tests.factories import AffiliationFactory
from tests.mypassword.forgetful import NEW_PASSWORD, forgetful
from tests.mypassword.holder import PASSWORD


@pytest.fixture
def _ssha512(settings: Any) -> None:
    settings.DIRECTORY_PASSWORD_SCHEME = "ssha512"


def verifies(value: str, password: str) -> bool:
    """As OpenLDAP's module does it: 64 bytes of digest, then the salt."""
    scheme, _brace, encoded = value.removeprefix("{").partition("}")
    digest, salt = b64decode(encoded)[:64], b64decode(encoded)[64:]
    return scheme == "SSHA512" and len(salt) == 16 and sha512(password.encode() + salt).digest() == digest


def kept(account: Account) -> str:
    value = password_value(Account.objects.get(pk=account.pk))
    assert value is not None
    return value


@pytest.mark.usefixtures("_ssha512")
def test_the_value_is_salted_anew_each_time() -> None:
    one, other = (hashes(PASSWORD)["directory_password"] for _time in range(2))
    assert verifies(one, PASSWORD)
    assert not verifies(one, PASSWORD + "x")
    assert one != other


def test_by_default_there_is_only_the_account_s_own_hash() -> None:
    assert hashes(PASSWORD)["directory_password"] == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("_ssha512")
def test_activation_makes_it() -> None:
    record = AffiliationFactory.create()
    assert goes_to(Visitor(record).reach_password().register()) == "done"
    assert verifies(kept(Account.objects.get(person=record.person)), CHOSEN)


@pytest.mark.django_db
@pytest.mark.usefixtures("_ssha512")
def test_change_and_recovery_make_it() -> None:
    person = forgetful(signed_in=True)
    person.post("/mypassword/password/", current_password=PASSWORD, password1=CHOSEN, password2=CHOSEN)
    assert verifies(kept(person.account), CHOSEN)
    person.elsewhere().recover()
    assert verifies(kept(person.account), NEW_PASSWORD)
    assert not verifies(kept(person.account), CHOSEN)


@pytest.mark.django_db
def test_when_the_choice_is_taken_back_no_old_value_stays(settings: Any) -> None:
    settings.DIRECTORY_PASSWORD_SCHEME = "ssha512"
    person = forgetful().recover()
    settings.DIRECTORY_PASSWORD_SCHEME = "argon2"
    assert kept(person.account).startswith("{ARGON2}$argon2id$")
    person.elsewhere().recover()
    assert Account.objects.get(pk=person.account.pk).directory_password == ""
