"""Two browsers: with the same PIN, and for the same person."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.journeys.conftest import NewContext
from tests.services.product import Product

PRESS_SOON = "() => { setTimeout(() => document.querySelector('main form button[type=submit]').click(), 100) }"
ACTIVE = "Your account has already been activated."


@pytest.fixture
def other_page(new_context: NewContext) -> Page:
    return new_context(locale="en-GB").new_page()


def press_at_once(*pages: Page) -> None:
    for page in pages:
        page.evaluate(PRESS_SOON)


def test_pin_opens_only_the_attempt_it_was_sent_for(english_page: Page, other_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    walking.reach_pin(other_page, mobile=people.MARIA)

    walking.send(other_page, pin=pin)
    expect(walking.alert(other_page)).to_contain_text("Wrong PIN")

    walking.send(english_page, pin=pin)
    walking.at_step(english_page, "confirm")
    other_page.goto("/activation/confirm/")
    walking.at_step(other_page, "pin")


def test_pin_is_worth_nothing_to_another_person(english_page: Page, other_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    walking.reach_pin(other_page, mobile=people.SOFIA)
    walking.send(other_page, pin=product.pin_sent_to(people.MARIA))
    expect(walking.alert(other_page)).to_contain_text("Wrong PIN")


def test_pin_without_an_attempt(other_page: Page, english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    other_page.goto("/activation/pin/")
    expect(other_page).to_have_url("/activation/")


def test_copied_cookie_is_worth_nothing_after_the_pin(english_page: Page, other_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    other_page.context.add_cookies(english_page.context.cookies())  # type: ignore[arg-type] # As it gave them.
    other_page.goto("/activation/pin/")
    pin = product.pin_sent_to(people.MARIA)
    walking.send(english_page, pin=pin)
    walking.at_step(english_page, "confirm")
    # The second half of a double click would come within seconds.
    product.sql("UPDATE activation_activation SET pin_verified_at = '2026-01-01 00:00:00'")

    walking.send(other_page, pin=pin)

    expect(walking.alert(other_page)).to_contain_text("no activation")
    other_page.goto("/activation/confirm/")
    expect(other_page.locator("[data-fact]")).to_have_count(0)


def test_two_tabs_send_the_same_pin_at_once(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    tab = page.context.new_page()
    tab.goto("/activation/pin/")
    for each in (page, tab):
        each.locator("[name=pin]").fill(product.pin_sent_to(people.MARIA))

    press_at_once(page, tab)

    for each in (page, tab):
        walking.at_step(each, "confirm")
    assert product.sql("SELECT count(*) FROM accounts_pin WHERE used_at IS NOT NULL") == [(1,)]
    walking.confirm(page)
    walking.set_password(page)
    walking.username(page)


def test_two_browsers_finish_for_the_same_person(english_page: Page, other_page: Page, product: Product) -> None:
    pages = (english_page, other_page)
    for page in pages:
        walking.reach_password(page, product, mobile=people.MARIA)
        for name in ("password1", "password2"):
            page.locator(f"[name={name}]").fill(walking.PASSWORD)
        page.locator("[name=accept_terms]").check()

    press_at_once(*pages)

    for page in pages:
        expect(page.locator("#username").or_(walking.alert(page))).to_be_visible()
    done = [page for page in pages if page.locator("#username").count()]
    told = [page for page in pages if page not in done]
    assert len(done) == 1
    expect(walking.alert(told[0])).to_have_text(ACTIVE)
    assert product.sql("SELECT count(*) FROM accounts_account WHERE person_id IS NOT NULL") == [(1,)]


def test_who_comes_second_is_told(english_page: Page, other_page: Page, product: Product) -> None:
    walking.reach_password(other_page, product, mobile=people.MARIA)
    walking.activate(english_page, product, email=people.MARIA_EMAIL)

    walking.set_password(other_page, password="another-harbour-72")

    expect(walking.alert(other_page)).to_have_text(ACTIVE)
    expect(other_page.locator("main").get_by_role("link", name="MyPassword")).to_be_visible()
