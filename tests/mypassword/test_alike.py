"""Nobody learns from the sign-in who exists: 200 requests of each kind, in turns, at the real cost of a password."""

from typing import Any

import pytest

from tests.mypassword.alike import assert_alike
from tests.mypassword.holder import Holder, holder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_argon2", "no_limits")]


def sign_in_as(visitor: Holder, username: str) -> Any:
    return visitor.client.post("/mypassword/login/", {"username": username, "password": "not-the-password-72"})


@pytest.mark.parametrize("state", ["plain", "second factor"])
def test_known_and_unknown_usernames_are_answered_alike(state: str) -> None:
    """The whole answer, its status, its length, and the median of its time within 10 %."""
    visitor = holder(app=state == "second factor")
    known = visitor.account.username
    unknown = "x" * len(known)
    assert_alike(
        lambda _turn: sign_in_as(visitor, known),
        lambda _turn: sign_in_as(visitor, unknown),
        without=lambda _turn: (known, unknown),
    )
