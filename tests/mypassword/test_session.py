"""Signing in and out."""

from typing import Any

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access
from accounts.models import AuditEvent
from tests.activation.visitor import OK, alerts, page, value_of
from tests.mypassword.holder import NOON, PASSWORD, assert_limited, goes_to, holder

pytestmark = pytest.mark.django_db

REFUSED = "Wrong username or password."


# ---- Password --------------------------------------------------------------------------------------------------------


def test_who_knows_the_password_comes_in_and_goes_where_they_wanted() -> None:
    visitor = holder()
    answer = visitor.sign_in()
    assert goes_to(answer) == "/mypassword/"
    assert visitor.account.username in page(visitor.get("/mypassword/"))
    other = visitor.in_another_browser()
    assert goes_to(other.get("/mypassword/password/")) == "/mypassword/login/?next=/mypassword/password/"
    assert goes_to(other.sign_in(query="?next=/mypassword/password/")) == "/mypassword/password/"


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)", "http:///x", ""]
)
def test_nobody_is_sent_to_another_site(address: str) -> None:
    assert goes_to(holder().sign_in(query=f"?next={address}")) == "/mypassword/"
    visitor = holder(app=True)
    assert goes_to(visitor.sign_in(query=f"?next={address}")) == "/mypassword/login/code/"


def test_a_username_is_taken_in_capitals_and_with_spaces() -> None:
    visitor = holder()
    assert goes_to(visitor.sign_in(username=f" {visitor.account.username.upper()} ")) == "/mypassword/"


def test_a_wrong_password_an_unknown_name_and_an_inactive_account_get_the_same_answer() -> None:
    visitor, inactive = holder(), holder(is_active=False)
    answers = [
        visitor.sign_in(password="wrong"),
        visitor.in_another_browser().sign_in(username="nobody"),
        inactive.sign_in(),
        holder(blocked=True).sign_in(password="wrong"),
    ]
    for answer in answers:
        assert answer.status_code == OK
        assert REFUSED in alerts(answer)
        assert value_of(answer, "password") == ""
        assert PASSWORD not in page(answer)
    assert value_of(answers[0], "username") == visitor.account.username


def test_only_who_knows_the_password_hears_that_the_account_is_blocked() -> None:
    visitor = holder(blocked=True)
    assert "blocked" in alerts(visitor.sign_in())
    assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"


def test_each_attempt_is_in_the_audit_trail_and_no_password_is() -> None:
    visitor = holder()
    visitor.sign_in(password="no-secret-of-mine")
    visitor.in_another_browser().sign_in(username="nobody-at-all")
    visitor.sign_in()
    trail = list(AuditEvent.objects.filter(act="account.signin").order_by("pk"))
    assert [(event.outcome, event.account) for event in trail] == [
        ("refused", visitor.account),
        ("refused", None),
        ("done", visitor.account),
    ]
    assert trail[0].person == trail[2].person == visitor.account.person
    assert trail[2].address == "127.0.0.1"
    assert "no-secret-of-mine" not in str([vars(event) for event in trail])


def test_messages_follow_the_language_in_which_one_signs_in() -> None:
    visitor = holder(language="el")
    visitor.sign_in()
    visitor.account.refresh_from_db()
    assert visitor.account.language == "en"


def test_signing_in_begins_a_session_of_its_own() -> None:
    visitor = holder()
    visitor.client.session["planted"] = "x"
    before = visitor.client.session.session_key
    visitor.sign_in()
    assert visitor.client.session.session_key != before


# ---- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_guesses_are_limited_per_account_and_network_whether_there_is_an_account_or_not(
    limit: Any, known: bool
) -> None:
    limit("signin:pair", "2 per 5 minutes")
    visitor = holder()
    username = visitor.account.username if known else "nobody"
    for _turn in range(2):
        assert REFUSED in alerts(visitor.sign_in(username=username, password="wrong"))
    answer = visitor.in_another_browser().sign_in(username=username)
    assert_limited(answer)
    assert value_of(answer, "username") == username
    # Another account from there, and this one from elsewhere, are not held up.
    assert goes_to(holder().sign_in()) == "/mypassword/"


def test_a_limit_of_one_network_does_not_hold_for_another(limit: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    limit("signin:pair", "1 per 5 minutes")
    visitor = holder()
    thief = visitor.in_another_browser(HTTP_X_FORWARDED_FOR="192.0.2.1")
    thief.sign_in(password="wrong")
    assert_limited(thief.sign_in())
    assert goes_to(visitor.in_another_browser(HTTP_X_FORWARDED_FOR="192.0.2.2").sign_in()) == "/mypassword/"


def test_nobody_can_lock_the_owner_out_of_a_browser_they_know(limit: Any) -> None:
    visitor = holder()
    visitor.sign_in()
    visitor.post("/mypassword/logout/")
    limit("signin:account", "1 per hour")
    thief = visitor.in_another_browser()
    thief.sign_in(password="wrong")
    assert_limited(thief.sign_in())
    assert goes_to(visitor.sign_in()) == "/mypassword/"
    # The cookie names nobody, is of use for one account only, and has a limit of its own.
    cookie = visitor.client.cookies["familiar"]
    assert visitor.account.username not in cookie.value
    assert cookie["httponly"]
    thief.client.cookies["familiar"] = cookie.value
    other = holder()
    thief.sign_in(username=other.account.username, password="wrong")
    assert_limited(thief.sign_in(username=other.account.username))
    visitor.post("/mypassword/logout/")
    limit("signin:browser", "1 per hour")
    visitor.sign_in(password="wrong")
    assert_limited(visitor.sign_in())


def test_a_forged_cookie_is_no_browser_that_one_knows(limit: Any) -> None:
    limit("signin:account", "1 per hour")
    visitor = holder()
    visitor.client.cookies["familiar"] = f"abc:{visitor.account.username}"
    visitor.sign_in(password="wrong")
    assert_limited(visitor.sign_in())


# ---- Sessions --------------------------------------------------------------------------------------------------------


def test_signing_out_needs_a_post_and_ends_the_session() -> None:
    visitor = holder()
    visitor.sign_in()
    assert goes_to(visitor.get("/mypassword/logout/")) == "/mypassword/"
    assert visitor.get("/mypassword/").status_code == OK
    assert goes_to(visitor.post("/mypassword/logout/")) == "/mypassword/login/"
    assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"
    assert goes_to(visitor.post("/mypassword/logout/")) == "/mypassword/login/"
    assert AuditEvent.objects.filter(act="account.signout", account=visitor.account).count() == 1


def test_a_block_ends_every_session() -> None:
    visitor = holder()
    visitor.sign_in()
    access.block(visitor.account)
    assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"


def test_a_session_ends_eight_hours_after_signing_in_whatever_is_done_in_it() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = holder()
        visitor.sign_in()
        clock.shift(8 * 3600 - 1)
        again = "/mypassword/login/again/?next=/mypassword/"
        assert goes_to(visitor.post(again, password=PASSWORD)) == "/mypassword/"
        assert visitor.get("/mypassword/").status_code == OK
        clock.shift(1)
        assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"


def test_no_page_is_kept_by_the_browser() -> None:
    visitor = holder()
    for path in ("/mypassword/login/", "/mypassword/login/code/"):
        assert "no-store" in visitor.get(path)["Cache-Control"]
    visitor.sign_in()
    for path in ("", "password/", "second-factor/", "events/", "login/again/"):
        assert "no-store" in visitor.get(f"/mypassword/{path}")["Cache-Control"]


# ---- The password once more ------------------------------------------------------------------------------------------


def test_what_protects_the_account_asks_for_the_password_again_after_ten_minutes() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = holder()
        visitor.sign_in()
        path = "/mypassword/second-factor/enrol/"
        assert visitor.get(path).status_code == OK
        clock.shift(601)
        for answer in (visitor.get(path), visitor.post(path, start="1")):
            assert goes_to(answer) == f"/mypassword/login/again/?next={path}"
        assert not TOTPDevice.objects.exists()
        again = f"/mypassword/login/again/?next={path}"
        answer = visitor.post(again, password="wrong")
        assert "This is not your password." in alerts(answer)
        assert goes_to(visitor.get(path)) == again
        assert goes_to(visitor.post(again, password=PASSWORD)) == path
        assert visitor.get(path).status_code == OK


def test_asking_again_has_a_limit(limit: Any) -> None:
    limit("password-again:account", "1 per 5 minutes")
    visitor = holder()
    visitor.sign_in()
    visitor.post("/mypassword/login/again/", password="wrong")
    assert_limited(visitor.post("/mypassword/login/again/", password=PASSWORD))
