"""Accounts with rights: a second factor before anything else, and no other way into admin."""

from typing import Any

import pytest
from django.test import Client

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR, HELPDESK, create_users
from accounts.models import Account
from tests.activation.visitor import OK, REDIRECTED, page
from tests.mypassword.holder import PASSWORD, Holder, assert_limited, code_of, goes_to, holder, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def _demo_users() -> None:
    create_users()


def staff(username: str = "operator", **fields: Any) -> Holder:
    account = Account.objects.create_superuser(username, PASSWORD, **fields)
    return Holder(account)


@pytest.mark.usefixtures("_demo_users")
@pytest.mark.parametrize("user", [ADMINISTRATOR, HELPDESK], ids=lambda user: user.role)
def test_the_demos_staff_sign_in_with_the_code_that_everybody_knows(user: Any) -> None:
    visitor = Holder(Account.objects.get(username=user.username))
    for _turn in range(2):
        assert goes_to(visitor.sign_in(password=user.password)) == "/mypassword/login/code/"
        assert goes_to(visitor.give_code(CODE)) == "/mypassword/"
        visitor.post("/mypassword/logout/")


def test_an_account_with_rights_sets_up_a_second_factor_before_anything_else() -> None:
    visitor = staff()
    visitor.sign_in(query="?next=/admin/")
    enrolment = "/mypassword/second-factor/enrol/"
    for path in ("/mypassword/", "/mypassword/password/", "/mypassword/events/", "/admin/", "/admin/accounts/message/"):
        assert goes_to(visitor.get(path)) == enrolment
        assert goes_to(visitor.post(path, current_password=PASSWORD)) == enrolment
    assert "has rights over others" in page(visitor.get(enrolment))
    assert goes_to(visitor.post("/mypassword/logout/")) == "/mypassword/login/"


def test_a_session_older_than_the_second_factor_has_to_sign_in_again() -> None:
    visitor = staff()
    visitor.sign_in()
    with_app(visitor.account)
    assert goes_to(visitor.get("/admin/")) == "/mypassword/login/?next=/admin/"
    assert "_auth_user_id" not in visitor.client.session


def test_admin_is_entered_through_our_own_sign_in(limit: Any) -> None:
    limit("signin:pair", "2 per 5 minutes")
    visitor = staff()
    with_app(visitor.account)
    assert goes_to(visitor.get("/admin/")) == "/admin/login/?next=/admin/"
    assert goes_to(visitor.get("/admin/login/?next=/admin/accounts/")) == "/mypassword/login/?next=/admin/accounts/"
    assert goes_to(visitor.get("/admin/login/?next=//example.org/")) == "/mypassword/login/?next=/admin/"
    # Django's own form is not there any more: what is posted to it signs nobody in.
    answer = visitor.post("/admin/login/", username="operator", password=PASSWORD, otp_token=code_of(visitor.account))
    assert goes_to(answer) == "/mypassword/login/?next=/admin/"
    visitor.sign_in(password="wrong", query="?next=/admin/")
    assert goes_to(visitor.sign_in(query="?next=/admin/")) == "/mypassword/login/code/?next=/admin/"
    assert_limited(visitor.in_another_browser().sign_in(query="?next=/admin/"))
    assert goes_to(visitor.get("/admin/")) == "/admin/login/?next=/admin/"
    assert goes_to(visitor.post("/mypassword/login/code/?next=/admin/", code=visitor.code())) == "/admin/"
    assert visitor.get("/admin/").status_code == OK
    assert goes_to(visitor.get("/admin/password_change/")) == "/mypassword/password/"
    assert goes_to(visitor.post("/admin/logout/")) == "/mypassword/login/"


def test_admin_refuses_a_student_without_running_in_circles() -> None:
    visitor = holder()
    visitor.sign_in()
    assert goes_to(visitor.get("/admin/accounts/message/")).startswith("/admin/login/?next=")
    assert visitor.get("/admin/login/?next=/admin/").status_code == 403


def test_menu_shows_what_one_may_do() -> None:
    visitor = holder()
    visitor.sign_in()
    assert "/admin/" not in page(visitor.get("/mypassword/"))
    operator = staff()
    with_app(operator.account)
    operator.sign_in()
    operator.give_code(operator.code())
    assert 'href="/admin/"' in page(operator.get("/mypassword/"))


def test_a_stranger_reaches_nothing(client: Client) -> None:
    for path in ("", "password/", "second-factor/", "second-factor/enrol/", "second-factor/codes/", "events/"):
        for answer in (client.get(f"/mypassword/{path}"), client.post(f"/mypassword/{path}")):
            assert answer.status_code == REDIRECTED
            assert goes_to(answer) == f"/mypassword/login/?next=/mypassword/{path}"
