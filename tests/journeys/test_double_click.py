"""Impatient people: every button is clicked twice. They end on the right page, and nothing is done twice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import people, walking
from tests.journeys.clock import let_pass
from tests.journeys.doubled import send_twice
from tests.services.product import Product

Click = Callable[[Locator], None]


def button(page: Page) -> Locator:
    return page.locator("main form button[type=submit]").first


def walk(page: Page, product: Product, click: Click) -> None:
    """Nikos meets every screen but one."""
    page.goto("/activation/")
    page.locator("[value=student]").check()
    click(button(page))
    walking.at_step(page, "contact")
    page.locator("[name=mobile]").fill(people.NIKOS)
    click(button(page))
    walking.at_step(page, "insurance")
    page.locator("[name=amka]").fill(people.NIKOS_AMKA)
    click(button(page))
    walking.at_step(page, "pin")
    page.locator("[name=pin]").fill(product.pin_sent_to(people.NIKOS))
    click(button(page))
    walking.at_step(page, "confirm")
    click(page.locator("[value=agree]"))
    walking.at_step(page, "password")
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(walking.PASSWORD)
    page.locator("[name=accept_terms]").check()
    click(button(page))
    assert walking.username(page) == "inf2420002"


def nothing_was_done_twice(product: Product) -> None:
    counts = [
        product.sql(f"SELECT count(*) FROM {rows}")[0][0]
        for rows in (
            "accounts_inboxmessage",
            "accounts_pin",
            "accounts_account WHERE person_id IS NOT NULL",
            "accounts_auditevent WHERE act = 'account.opened'",
        )
    ]
    assert counts == [1, 1, 1, 1]


def test_every_button(page: Page, product: Product) -> None:
    walk(page, product, Locator.dblclick)
    nothing_was_done_twice(product)
    assert product.sql("SELECT tries FROM accounts_pin") == [(1,)]


def test_every_button_without_javascript(plain_page: Page, product: Product) -> None:
    walk(plain_page, product, Locator.dblclick)
    nothing_was_done_twice(product)


@pytest.mark.parametrize("at_once", [False, True], ids=["one after the other", "at once"])
def test_every_form_arrives_twice(plain_page: Page, product: Product, at_once: bool) -> None:
    send_twice(plain_page, at_once=at_once)
    walk(plain_page, product, Locator.click)
    nothing_was_done_twice(product)


@pytest.mark.parametrize("at_once", [False, True], ids=["one after the other", "at once"])
def test_clarify_arrives_twice(plain_page: Page, product: Product, at_once: bool) -> None:
    send_twice(plain_page, at_once=at_once)
    walking.reach_contact(plain_page)
    walking.give_contact(plain_page, mobile=people.SIBLINGS)
    walking.send(plain_page, registration_number=people.ELENI_NUMBER)
    walking.at_step(plain_page, "pin")
    assert len(product.messages_to(people.SIBLINGS)) == 1


@pytest.mark.parametrize("at_once", [False, True], ids=["one after the other", "at once"])
def test_new_pin_arrives_twice(plain_page: Page, product: Product, at_once: bool) -> None:
    """One is sent; whatever the screen says, it is the PIN's screen, and that PIN opens it."""
    walking.reach_pin(plain_page, mobile=people.MARIA)
    let_pass(product, seconds=30)
    send_twice(plain_page, at_once=at_once)
    walking.ask_new_pin(plain_page)
    expect(plain_page.locator("[name=pin]")).to_be_visible()
    assert len(product.messages_to(people.MARIA)) == 2

    walking.send(plain_page, pin=product.pin_sent_to(people.MARIA))
    walking.at_step(plain_page, "confirm")


def test_new_pin(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    let_pass(product, seconds=30)
    with page.expect_navigation():
        page.locator("#new-pin").dblclick()
    walking.give_pin(page, product, sent_to=people.MARIA)
    walking.at_step(page, "confirm")
    assert len(product.messages_to(people.MARIA)) == 2


def test_disagree(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    page.locator("[value=disagree]").dblclick()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button").dblclick()
    expect(page.get_by_role("dialog")).to_be_hidden()
    walking.at_step(page, "confirm")


def test_disagree_without_javascript(plain_page: Page, product: Product) -> None:
    walking.reach_confirm(plain_page, product, mobile=people.MARIA)
    plain_page.locator("[value=disagree]").dblclick()
    plain_page.locator(".buttons a").dblclick()
    expect(plain_page.locator("[value=disagree]")).to_be_visible()


def test_language(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    page.locator(".language button").dblclick()
    walking.at_step(page, "pin")
    expect(page.locator("[name=pin]")).to_be_visible()


def test_button_can_be_pressed_again_after_an_error(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    page.locator("[name=pin]").fill(walking.wrong(pin))
    button(page).dblclick()
    expect(walking.alert(page)).to_be_visible()
    assert product.sql("SELECT tries FROM accounts_pin") == [(1,)]

    walking.send(page, pin=pin)
    walking.at_step(page, "confirm")
