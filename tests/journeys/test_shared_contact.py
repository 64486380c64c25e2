"""Brothers and sisters with a parent's mobile."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking, words
from tests.services.product import Product


def reach_clarify(page: Page) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.SIBLINGS)
    walking.at_step(page, "clarify")


@pytest.mark.parametrize(
    ("number", "username"), [(people.ELENI_NUMBER, "eco2620005"), (people.PETROS_NUMBER, "civ2420006")]
)
def test_each_gets_their_own_account(page: Page, product: Product, number: str, username: str) -> None:
    reach_clarify(page)
    assert product.messages_to(people.SIBLINGS) == []

    walking.send(page, registration_number=number)
    walking.give_pin(page, product, sent_to=people.SIBLINGS)
    walking.confirm(page)
    walking.set_password(page)

    assert walking.username(page) == username


@pytest.mark.parametrize("number", ["99999", "20001"])
def test_wrong_number_finds_nobody(page: Page, product: Product, number: str) -> None:
    """The second belongs to somebody who does not share the mobile."""
    reach_clarify(page)
    walking.send(page, registration_number=number)

    expect(walking.alert(page)).to_contain_text(words.NOT_FOUND)
    assert product.messages_to(people.SIBLINGS) == []

    walking.send(page, registration_number=people.ELENI_NUMBER)
    walking.at_step(page, "pin")


def test_no_number_is_an_error_of_the_field(page: Page) -> None:
    reach_clarify(page)
    walking.send(page, registration_number=" ")
    expect(walking.alert(page)).to_be_focused()
    walking.at_step(page, "clarify")


def test_own_email_needs_no_number(page: Page) -> None:
    walking.reach_pin(page, email=people.ELENI_EMAIL)


def test_own_email_beside_the_shared_mobile_needs_no_number(page: Page) -> None:
    walking.reach_pin(page, email=people.ELENI_EMAIL, mobile=people.SIBLINGS)


def test_wrong_sibling_is_put_right_with_the_contact(page: Page, product: Product) -> None:
    reach_clarify(page)
    walking.send(page, registration_number=people.PETROS_NUMBER)
    walking.at_step(page, "pin")
    his = product.pin_sent_to(people.SIBLINGS)

    page.goto("/activation/contact/")
    expect(page.locator("[name=mobile]")).to_have_value(people.SIBLINGS)
    walking.give_contact(page, mobile=people.SIBLINGS)
    walking.send(page, registration_number=people.ELENI_NUMBER)
    walking.at_step(page, "pin")
    walking.send(page, pin=his)

    expect(walking.alert(page)).to_be_visible()
    walking.give_pin(page, product, sent_to=people.SIBLINGS)
    expect(page.locator("[data-fact=username]")).to_contain_text("eco2620005")
