"""Signing in and out of MyPassword, also wrong, late, and too often."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR
from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NewContext
from tests.journeys.walking import send
from tests.services.processes import private_directory
from tests.services.product import Product, served


def test_in_and_out_and_the_back_button_shows_nothing(page: Page, product: Product) -> None:
    username = owning.open_account(product)
    owning.signed_in(page)
    expect(page.locator("main")).to_contain_text(username)
    page.locator(".menu a[href$='/events/']").click()
    owning.at(page, "events/")
    owning.sign_out(page)
    expect(page.get_by_role("status")).to_be_visible()
    page.go_back()
    owning.at(page, "login/")
    page.goto("/mypassword/password/")
    owning.at(page, "login/")


def test_wrong_password_keeps_the_username(page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    username = owning.open_account(product)
    owning.sign_in(page, password="not-mine-at-all")
    expect(owning.alert(page)).to_be_focused()
    expect(page.locator("[name=username]")).to_have_value(username)
    expect(page.locator("[name=password]")).to_have_value("")
    axe(page)
    wrong = owning.alert(page).inner_text()
    owning.sign_in(page, username="nobody.at.all")
    assert owning.alert(page).inner_text() == wrong
    owning.signed_in(page)


def test_where_one_wanted_to_go_is_where_one_comes(english_page: Page, product: Product) -> None:
    owning.open_account(product)
    english_page.goto("/mypassword/events/")
    send(english_page, username=owning.USERNAME, password=owning.PASSWORD)
    owning.at(english_page, "events/")
    expect(english_page.get_by_role("heading", level=1)).to_have_text("Recent events")
    expect(english_page.locator(".events")).to_contain_text("Sign-in")


def test_without_javascript(plain_page: Page, product: Product) -> None:
    owning.open_account(product)
    owning.signed_in(plain_page)
    owning.sign_out(plain_page)


def test_second_factor_wrong_right_and_recovery_code_once(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    owning.open_account(product)
    owning.signed_in(page)
    secret = owning.set_up_app(page)
    code, *_rest = owning.make_codes(page)
    owning.let_app_go_on(product)

    other = new_context().new_page()
    owning.sign_in(other)
    owning.at(other, "login/code/")
    axe(other)
    right = owning.app_shows(secret)
    send(other, code=f"{(int(right) + 5) % 10**6:06}")
    expect(owning.alert(other)).to_be_visible()
    axe(other)
    owning.let_app_go_on(product)
    send(other, code=owning.app_shows(secret))
    owning.at(other, "")

    # The recovery code is mistyped with a space and in capitals, and opens one session, not two.
    third = new_context().new_page()
    owning.sign_in(third)
    send(third, code=code.upper().replace("-", " "))
    owning.at(third, "")
    fourth = new_context().new_page()
    owning.sign_in(fourth)
    send(fourth, code=code)
    expect(owning.alert(fourth)).to_be_visible()
    fourth.goto("/mypassword/")
    owning.at(fourth, "login/")


def test_a_code_that_comes_too_late_begins_anew(page: Page, product: Product) -> None:
    owning.open_account(product)
    owning.signed_in(page)
    secret = owning.set_up_app(page)
    owning.let_app_go_on(product)
    owning.sign_out(page)
    owning.sign_in(page)
    owning.at(page, "login/code/")
    # The session is lost: cookies deleted, or the server forgot it.
    page.context.clear_cookies(name="sessionid")
    send(page, code=owning.app_shows(secret))
    owning.at(page, "login/")
    expect(page.get_by_role("status")).to_be_visible()


def test_a_session_that_ended_elsewhere_leads_to_the_sign_in(page: Page, product: Product) -> None:
    owning.open_account(product)
    owning.signed_in(page)
    product.sql("UPDATE accounts_account SET epoch = epoch + 1")
    page.locator(".menu a[href$='/password/']").click()
    owning.at(page, "login/")
    send(page, username=owning.USERNAME, password=owning.PASSWORD)
    owning.at(page, "password/")


def test_the_administrator_of_the_demo_enters_admin(page: Page, product: Product) -> None:
    page.goto("/admin/")
    owning.at(page, "login/")
    send(page, username=ADMINISTRATOR.username, password=ADMINISTRATOR.password)
    owning.at(page, "login/code/")
    send(page, code=CODE)
    page.wait_for_url("**/admin/")
    expect(page.locator("#user-tools")).to_be_visible()


@pytest.mark.parametrize("screen", ["", "login/code/", "login/again/", "password/", "second-factor/", "events/"])
def test_every_screen_fits_a_telephone(
    narrow_page: Page, product: Product, axe: Callable[[Page], None], screen: str
) -> None:
    owning.open_account(product)
    owning.signed_in(narrow_page)
    if screen == "login/code/":
        owning.set_up_app(narrow_page)
        owning.sign_out(narrow_page)
        owning.sign_in(narrow_page)
        owning.at(narrow_page, screen)
    else:
        narrow_page.goto(f"/mypassword/{screen}")
    assert overflow(narrow_page) <= 0
    axe(narrow_page)


@pytest.fixture
def strict() -> Iterator[Product]:
    """A product of its own, in which one may guess once."""
    limits = '{"signin:pair": "1 per hour"}'
    with private_directory("strict") as state, served(state, LIMITS=limits) as product:
        yield product


def test_too_many_tries(english_page: Page, strict: Product) -> None:
    owning.open_account(strict)
    english_page.goto(f"{strict.url}/mypassword/login/")
    send(english_page, username=owning.USERNAME, password="not-mine-at-all")
    expect(owning.alert(english_page)).to_contain_text("Wrong username or password.")
    with english_page.expect_navigation() as answer:
        send(english_page, username=owning.USERNAME, password=owning.PASSWORD)
    assert answer.value.status == 429
    assert int(answer.value.headers["retry-after"]) > 3000
    expect(owning.alert(english_page)).to_contain_text("Too many attempts. Try again in")
    expect(english_page.locator("[name=username]")).to_have_value(owning.USERNAME)
