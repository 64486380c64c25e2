"""Garbage in every field of every screen: never an error of the server, never a value that is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from tests.activation.visitor import PASSWORD, Visitor, goes_to, value_of
from tests.factories import AffiliationFactory, WithoutAmkaFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]

quick = settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

CURATED = (
    "",
    " ",
    "\x00",
    "69\x0000000001",
    "Ελένη Παπαδοπούλου",
    "ΕΛΈΝΗ@ΠΑΡΆΔΕΙΓΜΑ.ΕΛ",
    "😀" * 20,
    "9" * 5000,
    "α" * 300 + "@example.org",
    "a@" + "b" * 300 + ".org",
    "+" + "3" * 40,
    "+30690000000000000",
    "<script>alert(1)</script>",
    '" onfocus="x',
    "' OR 1=1 --",
    "{{ secret }}{% x %}",
    "%s%n%d",
    "\u202e\u200b\ufeff",
    "a\r\nBcc: x@example.org",
    "\ud7ff\ue000",
    "١٢٣٤٥٦",
    "²³",
    "e\u0301",
    "agree",
    "GR",
    "-1",
    "1e9",
    "on",
)
garbage = st.sampled_from(CURATED) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def on_contact() -> Visitor:
    return Visitor(AffiliationFactory.create()).begin()


def on_clarify() -> Visitor:
    record = AffiliationFactory.create()
    AffiliationFactory.create(mobile=record.mobile)
    visitor = Visitor(record).begin()
    visitor.give_contact()
    return visitor


def on_insurance() -> Visitor:
    visitor = Visitor(WithoutAmkaFactory.create()).begin()
    visitor.give_contact()
    return visitor


def on_pin() -> Visitor:
    return Visitor(AffiliationFactory.create()).reach_pin()


def on_confirm() -> Visitor:
    return Visitor(AffiliationFactory.create()).reach_confirm()


def on_password() -> Visitor:
    return Visitor(AffiliationFactory.create()).reach_password()


@pytest.mark.parametrize(
    ("screen", "step", "query", "fields", "kept"),
    [
        (Visitor, "role", "", ["role"], []),
        (on_contact, "contact", "", ["mobile", "email"], ["mobile", "email"]),
        (on_clarify, "clarify", "", ["registration_number"], ["registration_number"]),
        (on_insurance, "insurance", "", ["amka"], ["amka"]),
        (on_insurance, "insurance", "?other=1", ["country", "number"], ["number"]),
        (on_pin, "pin", "", ["pin"], []),
        (on_confirm, "confirm", "", ["store_contacts", "decision"], []),
        (on_password, "password", "", ["password1", "password2", "accept_terms", "username"], []),
    ],
)
def test_garbage_is_answered_and_shown_again(
    screen: Callable[[], Visitor], step: str, query: str, fields: list[str], kept: list[str]
) -> None:
    visitor = screen()

    @quick
    @given(values=st.tuples(*[garbage for _field in fields]))
    def answered(values: tuple[str, ...]) -> None:
        typed = dict(zip(fields, values, strict=True))
        answer = visitor.post(step, query, **typed)
        assert answer.status_code == 200 or goes_to(answer)
        if answer.status_code == 200:
            for field in kept:
                # The test client's reader of HTML folds spaces, and browsers send none of the control characters.
                assert folded(value_of(answer, field)) == folded(typed[field])

    answered()
    assert not Account.objects.exists()


def folded(value: str | None) -> str:
    assert value is not None
    return " ".join(value.replace("\x00", "").split())


@pytest.mark.parametrize("step", ["contact", "pin", "password"])
@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"=&&=;%", b"a" * 100_000, b"pin=%00&pin=%ff&email=%F0%9F"])
def test_bytes_that_are_no_form_are_answered(step: str, body: bytes) -> None:
    visitor = {"contact": on_contact, "pin": on_pin, "password": on_password}[step]()
    answer: Any = visitor.client.post(
        f"/activation/{step}/", body, content_type="application/x-www-form-urlencoded"
    )  # fmt: skip
    assert answer.status_code == 200


@pytest.mark.parametrize("cookie", ["", "x", "\x7f", "a" * 4000, "../../etc/passwd", "é"])
def test_a_garbled_cookie_is_no_session(cookie: str) -> None:
    visitor = Visitor()
    visitor.client.cookies["sessionid"] = cookie
    assert goes_to(visitor.get("pin")) == "role"
    assert goes_to(visitor.post("role", role="student")) == "contact"


@pytest.mark.parametrize("language", ["el", "en", "xx", "el;q=abc", "\x00", "*"])
def test_any_language_is_answered(language: str) -> None:
    visitor = Visitor(AffiliationFactory.create(), language=language)
    assert goes_to(visitor.reach_password().register(PASSWORD)) == "done"
