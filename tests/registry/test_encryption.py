"""Encryption at rest and keyed digests, while keys are being replaced."""

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from registry import encryption
from registry.models import Affiliation
from tests.factories import AMKA, AffiliationFactory

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_encrypted_is_read_again(text: str) -> None:
    token = encryption.encrypt(text)
    assert encryption.decrypt(token) == text
    assert (token == "") == (text == "")
    assert len(text) < 6 or text not in token


def test_equal_texts_look_different() -> None:
    assert encryption.encrypt(AMKA) != encryption.encrypt(AMKA)


@pytest.mark.parametrize("token", ["x", AMKA, encryption.encrypt(AMKA)[:-4] + "AAAA"], ids=["text", "number", "cut"])
def test_what_was_not_encrypted_here_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        encryption.decrypt(token)


def test_a_new_key_encrypts_and_the_old_one_still_reads(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    token, stored = encryption.encrypt(AMKA), encryption.digest(AMKA, purpose="insurance")
    settings.DATA_KEYS = [NEW, OLD]
    assert encryption.decrypt(token) == AMKA
    assert stored in encryption.digests(AMKA, purpose="insurance")
    assert encryption.digest(AMKA, purpose="insurance") == encryption.digests(AMKA, purpose="insurance")[0] != stored
    settings.DATA_KEYS = [NEW]
    with pytest.raises(InvalidToken):
        encryption.decrypt(token)
    assert stored not in encryption.digests(AMKA, purpose="insurance")


def test_digests_of_two_purposes_tell_nothing_about_each_other() -> None:
    digests = {encryption.digest(AMKA, purpose=purpose) for purpose in ("insurance", "identity", "limit")}
    assert len(digests) == 3
    assert all(len(digest) == 64 and int(digest, 16) for digest in digests)


def test_a_digest_needs_the_key(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    first = encryption.digest(AMKA, purpose="insurance")
    settings.DATA_KEYS = [NEW]
    assert encryption.digest(AMKA, purpose="insurance") != first


@pytest.mark.django_db
def test_the_database_holds_no_number_in_the_clear() -> None:
    record = AffiliationFactory.create(insurance_number=AMKA)
    empty = AffiliationFactory.create(insurance_number="")
    with connection.cursor() as cursor:
        cursor.execute("SELECT insurance_number FROM registry_affiliation ORDER BY id")
        (stored,), (nothing,) = cursor.fetchall()
    assert AMKA not in stored
    assert encryption.decrypt(stored) == AMKA
    assert nothing == ""
    assert Affiliation.objects.get(pk=record.pk).insurance_number == AMKA
    assert Affiliation.objects.get(pk=empty.pk).insurance_number == ""
    assert list(Affiliation.objects.filter(pk=record.pk).values_list("insurance_number", flat=True)) == [AMKA]
