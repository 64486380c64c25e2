"""The second factor at sign-in."""

from typing import Any

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access, second_factor
from accounts.models import Account, AuditEvent
from tests.activation.visitor import OK, alerts, page
from tests.mypassword.holder import NOON, assert_limited, goes_to, holder

pytestmark = pytest.mark.django_db


def test_with_a_second_factor_the_password_alone_opens_nothing() -> None:
    visitor = holder(app=True)
    assert (
        goes_to(visitor.sign_in(query="?next=/mypassword/events/"))
        == "/mypassword/login/code/?next=/mypassword/events/"
    )
    assert "_auth_user_id" not in visitor.client.session
    assert set(visitor.client.session.keys()) == {"pending_signin"}
    assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"
    answer = visitor.post("/mypassword/login/code/?next=/mypassword/events/", code=visitor.code())
    assert goes_to(answer) == "/mypassword/events/"
    assert visitor.get("/mypassword/").status_code == OK
    assert "pending_signin" not in visitor.client.session


def test_a_wrong_code_is_refused_politely_and_noted() -> None:
    visitor = holder(app=True)
    visitor.sign_in()
    answer = visitor.give_code("000000" if visitor.code() != "000000" else "000001")
    assert answer.status_code == OK
    assert "Wrong code" in alerts(answer)
    # django-otp makes one wait longer with each wrong code.
    answer = visitor.give_code(visitor.code())
    assert_limited(answer)
    assert AuditEvent.objects.filter(act="second_factor.checked", outcome="refused", account=visitor.account).exists()
    assert goes_to(visitor.get("/mypassword/")).startswith("/mypassword/login/")


def test_a_code_of_the_app_works_once() -> None:
    with time_machine.travel(NOON, tick=False):
        visitor = holder(app=True)
        code = visitor.code()
        visitor.sign_in()
        assert goes_to(visitor.give_code(code)) == "/mypassword/"
        thief = visitor.in_another_browser()
        thief.sign_in()
        assert "Wrong code" in alerts(thief.give_code(code))


def test_a_recovery_code_works_once_and_its_use_is_told() -> None:
    visitor = holder(app=True, recovery_email="owner@example.org")
    code, other, *_rest = second_factor.make_codes(visitor.account, address="127.0.0.1")
    visitor.sign_in()
    # As it was printed, in capitals.
    assert goes_to(visitor.give_code(f"{code[:5]}-{code[5:]}".upper())) == "/mypassword/"
    assert second_factor.codes_left(visitor.account) == second_factor.CODES - 1
    assert AuditEvent.objects.filter(act="recovery_code.used", account=visitor.account).count() == 1
    thief = visitor.in_another_browser()
    thief.sign_in()
    assert "Wrong code" in alerts(thief.give_code(code))
    assert_limited(thief.give_code(other))


def test_mistyped_digits_do_not_hold_up_a_recovery_code() -> None:
    visitor = holder(app=True)
    code, *_rest = second_factor.make_codes(visitor.account, address="127.0.0.1")
    visitor.sign_in()
    visitor.give_code("000000" if visitor.code() != "000000" else "000001")
    assert goes_to(visitor.give_code(code)) == "/mypassword/"


def test_codes_are_limited_per_account_until_the_password_changes(limit: Any) -> None:
    limit("second-factor:account", "1 per day")
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = holder(app=True)
        visitor.sign_in()
        visitor.give_code("recoverycode")
        clock.shift(60)
        assert_limited(visitor.give_code(visitor.code()))
        access.begin_epoch(visitor.account)
        visitor.sign_in()
        assert goes_to(visitor.give_code(visitor.code())) == "/mypassword/"


def test_right_codes_are_not_counted(limit: Any) -> None:
    """Who works at a desk signs in again and again."""
    limit("second-factor:account", "2 per day")
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = holder(app=True)
        for _turn in range(4):
            clock.shift(60)
            visitor.in_another_browser().sign_in()
            visitor.sign_in()
            assert goes_to(visitor.give_code(visitor.code())) == "/mypassword/"
            visitor.post("/mypassword/logout/")


def test_wrong_codes_never_make_one_wait_for_years() -> None:
    with time_machine.travel(NOON, tick=False):
        visitor = holder(app=True)
        TOTPDevice.objects.filter(user=visitor.account).update(
            throttling_failure_count=40, throttling_failure_timestamp=NOON
        )
        visitor.sign_in()
        answer = visitor.give_code(visitor.code())
        assert_limited(answer)
        assert int(answer["Retry-After"]) <= 2**9


def test_a_code_of_somebody_else_is_wrong() -> None:
    visitor, thief = holder(app=True), holder(app=True)
    visitor.sign_in()
    assert "Wrong code" in alerts(visitor.give_code(thief.code()))


def test_the_code_is_awaited_for_five_minutes() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = holder(app=True)
        visitor.sign_in(query="?next=/mypassword/events/")
        clock.shift(301)
        address = "/mypassword/login/code/?next=/mypassword/events/"
        answer = visitor.post(address, code=visitor.code())
        assert goes_to(answer) == "/mypassword/login/?next=/mypassword/events/"
        assert "took too long" in page(visitor.get("/mypassword/login/"))
        assert goes_to(visitor.get("/mypassword/")) == "/mypassword/login/?next=/mypassword/"


@pytest.mark.parametrize("event", ["password", "block", "inactive"])
def test_what_happens_to_the_account_meanwhile_ends_the_wait(event: str) -> None:
    visitor = holder(app=True)
    visitor.sign_in()
    if event == "password":
        access.change_password(visitor.account, password_hash="x", act="password.recovered")
    elif event == "block":
        access.block(visitor.account)
    else:
        Account.objects.update(is_active=False)
    assert goes_to(visitor.give_code(visitor.code())) == "/mypassword/login/"


def test_the_page_of_the_code_is_for_those_who_have_given_the_password() -> None:
    assert goes_to(holder().get("/mypassword/login/code/")) == "/mypassword/login/"
    visitor = holder()
    visitor.sign_in()
    assert goes_to(visitor.get("/mypassword/login/code/")) == "/mypassword/"
