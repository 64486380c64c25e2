"""Passwords in a real OpenLDAP with the argon2 module and the password policy, and what people read of its refusals."""

from typing import Any

import pytest
from django.utils import timezone, translation

from accounts import access
from accounts.directory import sync, words
from accounts.models import Account, DirectoryEntry, Message
from accounts.opening import open_account
from accounts.passwords import hashes
from tests.factories import AffiliationFactory
from tests.services.openldap import OpenLDAP

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "korydallos-72-Vrachos", "thalassa-19-Kymata", "vrachos-19-Kallithea"


def opened() -> Account:
    account = open_account(AffiliationFactory.create(), **hashes(FIRST))
    sync.write_due()
    return account


def change(account: Account, password: str) -> None:
    access.change_password(account, **hashes(password), act="password.changed")
    sync.write_due()


def told(account: Account) -> tuple[str, str]:
    """State and words."""
    with translation.override("en"):
        found = words.of_account(account.pk)
        assert found
        return found.state, f"{found.text}. {found.advice}"


def test_the_chosen_password_opens_and_only_that_one(openldap: OpenLDAP) -> None:
    account = opened()
    assert openldap.accepts(account.username, FIRST)
    assert not openldap.accepts(account.username, FIRST + "x")
    change(account, SECOND)
    assert openldap.accepts(account.username, SECOND)
    assert not openldap.accepts(account.username, FIRST)
    assert told(account) == ("equal", "up to date. All services know your username and your password.")


def test_a_blocked_account_opens_nothing_until_it_is_unblocked(openldap: OpenLDAP) -> None:
    account = opened()
    access.block(account)
    sync.write_due()
    assert not openldap.accepts(account.username, FIRST)
    access.unblock(account, actor=account)
    sync.write_due()
    assert openldap.accepts(account.username, FIRST)


def test_a_refusal_is_told_and_the_former_password_stays(openldap: OpenLDAP, settings: Any) -> None:
    settings.OPERATOR_EMAIL = "operator@example.org"
    account = opened()
    openldap.policy(pwdCheckQuality="2")
    change(account, THIRD)
    state, text = told(account)
    assert state == "refused"
    assert "Choose another password" in text
    assert openldap.accepts(account.username, FIRST)
    assert not openldap.accepts(account.username, THIRD)
    # It refuses every hash, so the operator has to know.
    assert Message.objects.get(template="alarm").context["matter"] == "directory-quality"
    openldap.policy(pwdCheckQuality="0")
    DirectoryEntry.objects.update(due_at=timezone.now())
    sync.write_due()
    assert openldap.accepts(account.username, THIRD)
