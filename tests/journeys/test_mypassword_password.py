"""Changing the password in the browser: rules ticked off, a suggestion taken, other sessions ended."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys import owning
from tests.journeys.conftest import NewContext
from tests.journeys.walking import PASSWORD, send
from tests.services.product import Product

NEW = "thalassa-19-Kymata"


def test_change_ends_the_other_sessions_and_is_told(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    owning.open_account(product)
    other = new_context().new_page()
    owning.let_in(other)
    owning.let_in(page)
    page.goto("/mypassword/password/")
    axe(page)
    send(page, current_password=PASSWORD, password1=NEW, password2=NEW)
    owning.at(page, "")
    expect(page.locator("main .alert--success")).to_be_visible()
    axe(page)
    other.reload()
    owning.at(other, "login/")
    assert len(product.messages_to(owning.EMAIL)) == len(product.messages_to(owning.MOBILE)) == 1
    owning.sign_out(page)
    owning.let_in(page, password=NEW)


def test_what_is_wrong_is_said(english_page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    owning.open_account(product)
    owning.let_in(english_page)
    english_page.goto("/mypassword/password/")
    send(english_page, current_password="not-mine-at-all", password1=NEW, password2=NEW)
    expect(owning.alert(english_page)).to_contain_text("This is not your password.")
    axe(english_page)
    send(english_page, current_password=PASSWORD, password1="short", password2="other")
    expect(owning.alert(english_page)).to_contain_text("At least 10 characters")
    for field in ("current_password", "password1", "password2"):
        expect(english_page.locator(f"[name={field}]")).to_have_value("")


def test_rules_are_ticked_off_while_one_types(page: Page, product: Product) -> None:
    username = owning.open_account(product)
    owning.let_in(page)
    page.goto("/mypassword/password/")
    page.locator("[name=password1]").fill(f"{username}1")
    expect(page.locator("[data-rule=personal]")).to_have_attribute("data-met", "false")
    page.locator("[name=password1]").fill(NEW)
    for rule in ("length", "alphabet", "personal"):
        expect(page.locator(f"[data-rule={rule}]")).to_have_attribute("data-met", "true")


def test_a_suggestion_is_taken_with_one_press(page: Page, product: Product) -> None:
    owning.open_account(product)
    owning.let_in(page)
    page.goto("/mypassword/password/")
    suggestion = page.locator("#suggestion").inner_text()
    page.locator("[data-takes]").click()
    for field in ("password1", "password2"):
        expect(page.locator(f"[name={field}]")).to_have_value(suggestion)
    expect(page.locator("[data-rule=same]")).to_have_attribute("data-met", "true")
    send(page, current_password=PASSWORD)
    owning.at(page, "")
    owning.sign_out(page)
    owning.let_in(page, password=suggestion)


def test_without_javascript_a_suggestion_is_copied(plain_page: Page, product: Product) -> None:
    owning.open_account(product)
    owning.let_in(plain_page)
    plain_page.goto("/mypassword/password/")
    expect(plain_page.locator("[data-takes]")).to_be_hidden()
    suggestion = plain_page.locator("#suggestion").inner_text()
    send(plain_page, current_password=PASSWORD, password1=suggestion, password2=suggestion)
    owning.at(plain_page, "")
