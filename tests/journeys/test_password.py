"""The last step: a password that follows the rules, the terms, the account."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import people, walking
from tests.services.product import Product

WEAK = {
    "short": "kort-7",
    "common": "password123",
    "her surname": "9-Papadopoulou-9",
    "her username": "xx-inf2620001-xx",
    "her birthday": "ab-17022008-cd",
    "Greek letters": "Κορυδαλλός-72",
    "a space at the end": "korydallos-72 ",
}


@pytest.fixture
def choosing(english_page: Page, product: Product) -> Page:
    walking.reach_password(english_page, product, mobile=people.MARIA)
    return english_page


def rule(page: Page, code: str) -> Locator:
    return page.locator(f"[data-rule={code}]")


def test_weak_passwords(choosing: Page, product: Product) -> None:
    for weak in WEAK.values():
        walking.set_password(choosing, password=weak)
        expect(walking.alert(choosing)).to_be_focused()
        expect(choosing.locator("[name=password1]")).to_have_attribute("aria-invalid", "true")
        expect(choosing.locator("[name=password1]")).to_have_value("")
    assert opened(product) == 0

    walking.set_password(choosing)
    assert walking.username(choosing) == people.MARIA_USERNAME


def test_different_passwords(choosing: Page, product: Product) -> None:
    walking.set_password(choosing, again=walking.PASSWORD + "x")
    expect(walking.alert(choosing)).to_contain_text("The two passwords differ")
    expect(choosing.locator("[name=password2]")).to_have_attribute("aria-invalid", "true")
    expect(choosing.locator("[name=accept_terms]")).to_be_checked()
    assert opened(product) == 0


def test_terms_not_accepted(choosing: Page, product: Product) -> None:
    walking.set_password(choosing, accept_terms=False)
    expect(walking.alert(choosing)).to_contain_text("Accept the terms")
    expect(choosing.locator("[name=accept_terms]")).to_have_attribute("aria-invalid", "true")
    assert opened(product) == 0


def test_terms_can_be_read_without_losing_the_page(choosing: Page) -> None:
    choosing.locator("[name=password1]").fill("half-typed")
    for path in ("/terms/", "/privacy/"):
        with choosing.context.expect_page() as tab:
            choosing.locator(f"main a[href='{path}']").click()
        expect(tab.value.locator("h1")).to_be_visible()
        tab.value.close()
    expect(choosing.locator("[name=password1]")).to_have_value("half-typed")


def test_rules_are_ticked_off_while_typing(choosing: Page) -> None:
    password = choosing.locator("[name=password1]")
    expect(choosing.locator("[data-rule][data-met]")).to_have_count(0)

    password.press_sequentially("inf26")
    expect(rule(choosing, "length")).to_have_attribute("data-met", "false")
    expect(rule(choosing, "alphabet")).to_have_attribute("data-met", "true")
    expect(rule(choosing, "personal")).to_have_attribute("data-met", "true")

    password.press_sequentially("20001-Παπαδοπούλου")
    expect(rule(choosing, "length")).to_have_attribute("data-met", "true")
    expect(rule(choosing, "alphabet")).to_have_attribute("data-met", "false")
    expect(rule(choosing, "personal")).to_have_attribute("data-met", "false")

    password.fill(walking.PASSWORD)
    choosing.locator("[name=password2]").fill(walking.PASSWORD)
    for code in ("length", "alphabet", "personal", "same"):
        expect(rule(choosing, code)).to_have_attribute("data-met", "true")
    expect(rule(choosing, "common")).not_to_have_attribute("data-met", "true")


def test_what_the_page_ticks_off_is_what_the_server_says(choosing: Page) -> None:
    """A rule that the page calls unmet is never accepted."""
    for weak in ("kort-7", "9-papadopoulou-9", "ab-17022008-cd", "Κορυδαλλός-72", "korydallos-72 "):
        choosing.locator("[name=password1]").fill(weak)
        expect(choosing.locator("[data-rule][data-met=false]")).not_to_have_count(0)


def test_password_can_be_seen_and_is_sent_hidden(choosing: Page) -> None:
    password = choosing.locator("[name=password1]")
    show = choosing.locator("[data-shows=id_password1]")
    password.fill(walking.PASSWORD)
    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_be_focused()
    show.click()
    expect(password).to_have_attribute("type", "password")


@pytest.mark.parametrize("fields", [{}, {"password1": walking.PASSWORD}])
def test_empty_fields(choosing: Page, fields: dict[str, str]) -> None:
    walking.send(choosing, **({"password1": ""} | fields))
    expect(walking.alert(choosing)).to_be_focused()
    walking.at_step(choosing, "password")


def test_weak_password_without_javascript(plain_page: Page, product: Product) -> None:
    walking.reach_password(plain_page, product, mobile=people.MARIA)
    expect(plain_page.locator("[data-rule]")).to_have_count(5)
    expect(plain_page.locator("[data-shows]").first).to_be_hidden()
    walking.set_password(plain_page, password="kort-7")
    expect(walking.alert(plain_page)).to_be_visible()
    walking.set_password(plain_page)
    assert walking.username(plain_page) == people.MARIA_USERNAME


def opened(product: Product) -> int:
    count: int = product.sql("SELECT count(*) FROM accounts_account WHERE person_id IS NOT NULL")[0][0]
    return count
