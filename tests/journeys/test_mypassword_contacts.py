"""Mobile and e-mail for recovery in the browser, and "this was not me"."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import owning, recovering
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NewContext
from tests.journeys.walking import press, send
from tests.services.product import Product

NEW_MOBILE, NEW_EMAIL = "+306900000777", "new@example.org"


def open_contacts(page: Page) -> None:
    owning.let_in(page)
    page.locator(".menu a[href$='/contacts/']").click()
    owning.at(page, "contacts/")


def change(page: Page, product: Product, **contacts: str) -> None:
    """Type them in and prove them one after the other."""
    send(page, **contacts)
    for new in contacts.values():
        owning.at(page, "contacts/verify/")
        expect(page.locator("main")).to_contain_text(new)
        send(page, pin=product.pin_sent_to(new))
    owning.at(page, "contacts/")


@pytest.mark.parametrize("language", ["el-GR", "en-GB"])
def test_both_are_changed_and_the_old_ones_are_told(
    new_context: NewContext, product: Product, axe: Callable[[Page], None], language: str
) -> None:
    page = new_context(locale=language).new_page()
    owning.open_account(product)
    open_contacts(page)
    expect(page.locator("[name=mobile]")).to_have_value(owning.MOBILE)
    axe(page)
    change(page, product, mobile=NEW_MOBILE, email=NEW_EMAIL)
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("[name=mobile]")).to_have_value(NEW_MOBILE)
    expect(page.locator("[name=email]")).to_have_value(NEW_EMAIL)
    axe(page)
    for old in (owning.MOBILE, owning.EMAIL):
        assert recovering.link_in(product, old)
    page.goto("/mypassword/")
    owning.at(page, "")


def test_what_is_wrong_is_said_and_stands_there_again(
    english_page: Page, product: Product, axe: Callable[[Page], None]
) -> None:
    page = english_page
    owning.open_account(product)
    open_contacts(page)
    send(page, mobile="12", email="maria@uregister.example")
    expect(owning.alert(page)).to_contain_text("This is not a telephone number.")
    expect(owning.alert(page)).to_contain_text("Type an address outside the university.")
    expect(page.locator("[name=mobile]")).to_have_value("12")
    axe(page)
    page.goto("/mypassword/contacts/")
    send(page, mobile=NEW_MOBILE)
    axe(page)
    send(page, pin=f"{(int(product.pin_sent_to(NEW_MOBILE)) + 1) % 10**6:06}")
    expect(owning.alert(page)).to_contain_text("Wrong PIN. You can try 4 more times.")
    axe(page)
    page.get_by_role("link", name="Back to the contact details").click()
    expect(page.locator("main")).to_contain_text("waits for its PIN")
    axe(page)
    page.get_by_role("link", name="Type the PIN").click()
    send(page, pin=product.pin_sent_to(NEW_MOBILE))
    owning.at(page, "contacts/")


def test_removing_the_last_one_is_explained_first(
    english_page: Page, product: Product, axe: Callable[[Page], None]
) -> None:
    page = english_page
    owning.open_account(product, recovery_email="")
    open_contacts(page)
    send(page, mobile="")
    expect(page.locator("main")).to_contain_text("It is the last one")
    axe(page)
    page.get_by_role("link", name="Keep it").click()
    expect(page.locator("[name=mobile]")).to_have_value(owning.MOBILE)
    send(page, mobile="")
    page.get_by_role("button", name="Remove").click()
    owning.at(page, "contacts/")
    expect(page.locator("main")).to_contain_text("only the helpdesk can help you")
    axe(page)
    assert recovering.link_in(product, owning.MOBILE)


def test_on_a_telephone_without_javascript(plain_page: Page, product: Product) -> None:
    page = plain_page
    page.set_viewport_size({"width": 375, "height": 700})
    owning.open_account(product)
    open_contacts(page)
    assert overflow(page) <= 0
    send(page, email=NEW_EMAIL)
    assert overflow(page) <= 0
    send(page, pin=product.pin_sent_to(NEW_EMAIL))
    owning.at(page, "contacts/")
    send(page, mobile="")
    assert overflow(page) <= 0
    press(page.locator("main form:has([name=removal_understood])"))
    owning.at(page, "contacts/")
    expect(page.locator("[name=mobile]")).to_have_value("")


def test_this_was_not_me(
    english_page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    """A thief with the password changes the mobile; the owner presses the button in the old one's notice."""
    owning.open_account(product)
    thief = new_context(locale="en-GB").new_page()
    open_contacts(thief)
    change(thief, product, mobile=NEW_MOBILE)
    link = recovering.link_in(product, owning.MOBILE)
    page = english_page
    page.goto(link)
    expect(page.locator("main")).to_contain_text("contact changed")
    axe(page)
    thief.reload()
    owning.at(thief, "contacts/")
    page.get_by_role("button", name="This was not me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The account is blocked")
    axe(page)
    thief.reload()
    owning.at(thief, "login/")
    owning.sign_in(thief)
    expect(owning.alert(thief)).to_contain_text("blocked")
    page.goto(link)
    expect(owning.alert(page)).to_contain_text("This link has been used")
    axe(page)
    page.locator("main .button").click()
    recovering.fill(page, channel="sms", username=owning.USERNAME)
    recovering.give_pin(page, product)
    recovering.set_password(page)
    owning.at(page, "forgotten/done/")
    owning.let_in(page, password=recovering.NEW)


def test_this_was_not_me_on_a_telephone_without_javascript(plain_page: Page, product: Product) -> None:
    page = plain_page
    page.set_viewport_size({"width": 375, "height": 700})
    owning.open_account(product)
    open_contacts(page)
    send(page, mobile="")
    press(page.locator("main form:has([name=removal_understood])"))
    page.goto(recovering.link_in(product, owning.EMAIL))
    assert overflow(page) <= 0
    page.locator("main form button").click()
    assert overflow(page) <= 0
    page.goto("/mypassword/")
    owning.at(page, "login/")
