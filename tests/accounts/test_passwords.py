"""The rules of a password, each alone, and the hash that the directory takes over."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, get_hashers, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.opening import Applicant
from accounts.passwords import MAX_LENGTH, Argon2idHasher, fold, rules
from tests.factories import AMKA, AffiliationFactory

GOOD = "correct horse 42 Battery"


def applicant() -> Applicant:
    names = {"first_name_el": "Άννα Μαρία", "last_name_el": "Παπαδοπούλου", "first_name_en": "Anna Maria"}
    return Applicant(
        AffiliationFactory.build(
            person=None, department=None, username="apapad", registration_number="it00042", mobile="+306900000001",
            **names,
        )
    )  # fmt: skip


def broken(password: str) -> set[str]:
    """The codes of the rules that the password breaks."""
    try:
        validate_password(password, applicant())  # type: ignore[arg-type] # Any object with personal_fragments().
    except ValidationError as refused:
        return {error.code or "" for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        (GOOD, ""),
        ("zXq!" * 3, ""),
        ("zXq!zXq!zX", ""),
        ("zXq!zXq!z", "length"),
        ("zXq!" * 32, ""),
        ("zXq!" * 32 + "z", "length"),
        ("κωδικός1234", "alphabet"),
        (" zXq!zXq!zX", "alphabet"),
        ("zXq!zXq!zX ", "alphabet"),
        ("zXq!zXq!zX\n", "alphabet"),
        ("zXq!\tzXq!zX", "alphabet"),
        ("zXq!\x00zXq!zX", "alphabet"),
        ("zXq!€zXq!zX", "alphabet"),
        ("zXq!😀zXq!zX", "alphabet"),
        ("zXq! zXq! zX", ""),
        ("zXqAPAPADzXq", "personal"),
        ("zXq-papadopoulou", "personal"),
        ("zXq-it00042-zXq", "personal"),
        ("zXq-6900000001", "personal"),
        ("zXq-21032005", "personal"),
        ("zXq-210305-zXq", "personal"),
        ("zXq-2005.03.21", ""),
        (f"zXq{AMKA}", "personal"),
        ("password123", "common"),
        ("PASSWORD123", "common"),
    ],
)
def test_each_rule(password: str, rule: str) -> None:
    assert broken(password) == ({rule} if rule else set())


@pytest.mark.parametrize(
    "password", ["παπαδοπουλου1", "ΠΑΠΑΔΟΠΟΥΛΟΥ1", "Παπαδοπούλου1", "xxΜΑΡΊΑxxxxxx", "xxμαριαxxxxxx"]
)
def test_greek_names_are_found_with_and_without_accents(password: str) -> None:
    assert broken(password) == {"alphabet", "personal"}


def test_short_fragments_forbid_nothing() -> None:
    record = AffiliationFactory.build(person=None, department=None, username="an", last_name_en="Li", mobile="")
    validate_password("an-Li-zXqwzXqw", Applicant(record))  # type: ignore[arg-type] # As above.


def test_users_without_fragments_are_not_checked_for_them() -> None:
    validate_password(GOOD, None)


def test_the_error_is_the_rule_as_shown_and_never_the_password() -> None:
    shown = {rule.code: rule.get_help_text() for rule in rules()}
    assert list(shown) == ["length", "alphabet", "personal", "common"]
    for password in ("short", "κωδικός1234", "zXq-papadopoulou"):
        with pytest.raises(ValidationError) as refused:
            validate_password(password, applicant())  # type: ignore[arg-type] # As above.
        assert password not in repr(refused.value)
        assert all(error.messages[0] == shown[str(error.code)] for error in refused.value.error_list)


def test_the_least_length_is_a_setting() -> None:
    with translation.override("en"):
        assert rules()[0].get_help_text() == "At least 10 characters"


@pytest.mark.parametrize(("memory", "time", "lanes"), [(8, 1, 1), (64, 2, 2)])
def test_the_hash_is_argon2id_with_the_settings_cost(settings: Any, memory: int, time: int, lanes: int) -> None:
    settings.ARGON2_MEMORY_KIB, settings.ARGON2_TIME_COST, settings.ARGON2_PARALLELISM = memory, time, lanes
    hasher = Argon2idHasher()
    encoded = hasher.encode(GOOD, hasher.salt())
    # What follows Django's own prefix is the PHC string that OpenLDAP's argon2 module reads.
    assert encoded.startswith(f"argon2$argon2id$v=19$m={memory},t={time},p={lanes}$")
    assert check_password(GOOD, encoded)
    assert not check_password(GOOD + "x", encoded)
    assert encoded != hasher.encode(GOOD, hasher.salt())
    assert len(encoded) <= 128


def test_it_is_the_only_hasher() -> None:
    assert [hasher.algorithm for hasher in get_hashers()] == ["argon2"]
    assert make_password(GOOD).startswith("argon2$argon2id$v=19$m=8,t=1,p=1$")


@given(password=st.text(max_size=200))
def test_any_text_is_judged_without_an_error(password: str) -> None:
    found = broken(password)
    assert found <= {"length", "alphabet", "personal", "common"}
    if not found:
        assert 10 <= len(password) <= MAX_LENGTH
        assert password.isascii()


@pytest.mark.parametrize(("text", "folded"), [("Παπαδοπούλου", "παπαδοπουλου"), ("ΐ", "ι"), ("Ά", "α"), ("É", "e")])
def test_folding_ignores_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded
