"""Newcomers whose record is complete: from the home page to a username."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys import people, walking, words
from tests.services.product import Product


def test_by_sms(page: Page, product: Product) -> None:
    assert walking.activate(page, product, mobile=people.MARIA) == people.MARIA_USERNAME
    assert [message["channel"] for message in product.json("/demo/inbox.json")] == ["sms"]


def test_by_email(page: Page, product: Product) -> None:
    assert walking.activate(page, product, email=people.MARIA_EMAIL) == people.MARIA_USERNAME
    assert [message["channel"] for message in product.json("/demo/inbox.json")] == ["email"]


def test_by_both_the_same_pin_arrives_twice(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA, email=people.MARIA_EMAIL)
    expect(page.locator(".deliveries li")).to_have_count(2)
    assert product.pin_sent_to(people.MARIA) == product.pin_sent_to(people.MARIA_EMAIL)

    walking.give_pin(page, product, sent_to=people.MARIA_EMAIL)
    walking.confirm(page)
    walking.set_password(page)

    assert walking.username(page) == people.MARIA_USERNAME


def test_in_the_words_of_the_printed_guide(page: Page, product: Product) -> None:
    page.goto("/")
    page.get_by_role("link", name=words.ACTIVATE_NOW).click()
    page.get_by_label(words.I_AM_A_STUDENT).check()
    page.get_by_role("button", name=words.START).click()
    page.locator("[name=mobile]").fill("690 000 0001")
    page.get_by_role("button", name=words.NEXT).click()
    expect(page.get_by_role("button", name=words.NEW_PIN)).to_be_visible()
    page.locator("[name=pin]").fill(product.pin_sent_to(people.MARIA))
    page.get_by_role("button", name=words.NEXT).click()
    expect(page.get_by_role("button", name=words.DISAGREE)).to_be_visible()
    page.get_by_role("button", name=words.AGREE, exact=True).click()
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(walking.PASSWORD)
    page.get_by_label(words.TERMS).check()
    page.get_by_role("button", name=words.REGISTER).click()

    assert walking.username(page) == people.MARIA_USERNAME
    assert words.REGISTERED in page.locator("main").inner_text().lower()


@pytest.mark.parametrize(("role", "mobile"), [("staff", people.KOSTAS), ("associate", people.DIMITRA)])
def test_staff(page: Page, product: Product, role: str, mobile: str) -> None:
    assert walking.activate(page, product, mobile=mobile, role=role)


def test_two_capacities_are_one_account(page: Page, product: Product) -> None:
    walking.activate(page, product, mobile=people.IOANNA, role="associate")

    walking.choose_role(page, "student")
    walking.give_contact(page, mobile=people.IOANNA)

    expect(walking.alert(page)).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="MyPassword")).to_be_visible()
    assert accounts(product) == 1


def test_without_javascript(plain_page: Page, product: Product) -> None:
    assert walking.activate(plain_page, product, email=people.MARIA_EMAIL) == people.MARIA_USERNAME


def test_in_english(english_page: Page, product: Product) -> None:
    walking.walk_to_pin(english_page, mobile=people.MARIA)
    expect(english_page.locator("h1")).to_have_text("Type the PIN")
    assert "Your URegister PIN is" in product.messages_to(people.MARIA)[0]["text"]

    walking.give_pin(english_page, product, sent_to=people.MARIA)
    walking.confirm(english_page)
    walking.set_password(english_page)

    assert walking.username(english_page) == people.MARIA_USERNAME
    expect(english_page.get_by_role("status")).to_contain_text("Your registration is complete")


def test_on_a_telephone(narrow_page: Page, product: Product) -> None:
    assert walking.activate(narrow_page, product, mobile=people.MARIA) == people.MARIA_USERNAME


def test_next_person_at_the_same_browser(page: Page, product: Product) -> None:
    first = walking.activate(page, product, mobile=people.MARIA)
    second = walking.activate(page, product, mobile=people.KOSTAS, role="staff")
    assert first != second
    assert accounts(product) == 2


def test_contacts_are_kept_for_recovery_if_ticked(
    page: Page, product: Product, new_context: Callable[..., BrowserContext]
) -> None:
    for browser, email, keeps in (
        (page, people.MARIA_EMAIL, True),
        (new_context().new_page(), "sofia@example.org", False),
    ):
        walking.walk_to_confirm(browser, product, email=email)
        expect(browser.locator("[name=store_contacts]")).not_to_be_checked()
        walking.confirm(browser, store_contacts=keeps)
        walking.set_password(browser)
        walking.username(browser)

    stored = product.sql("SELECT recovery_email FROM accounts_account WHERE person_id IS NOT NULL ORDER BY id")
    assert stored == [(people.MARIA_EMAIL,), ("",)]


def accounts(product: Product) -> int:
    """How many newcomers have an account."""
    count: int = product.sql("SELECT count(*) FROM accounts_account WHERE person_id IS NOT NULL")[0][0]
    return count
