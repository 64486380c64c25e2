"""The language switch, on every screen of a journey: the step stays, and so does what was given before."""

import re

from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.journeys.conftest import NewContext
from tests.services.product import Product

GREEK = re.compile("[α-ωά-ώ]{3}")


def switch(page: Page) -> None:
    """To the other language, and the same page comes back in it."""
    before, address = page.locator("html").get_attribute("lang"), page.url
    page.locator(".language button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if before == "el" else "el")
    expect(page).to_have_url(address)
    is_greek = bool(GREEK.search(page.locator("h1").inner_text()))
    assert is_greek == (before == "en")


def test_switch_on_every_screen(page: Page, product: Product) -> None:
    walking.reach_contact(page)
    switch(page)
    walking.give_contact(page, mobile=people.NIKOS)
    walking.at_step(page, "insurance")
    switch(page)
    page.locator("a[href$='other=1']").click()
    switch(page)
    expect(page.locator("[name=country]")).to_be_visible()
    page.goto("/activation/insurance/")
    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")
    switch(page)
    walking.give_pin(page, product, sent_to=people.NIKOS)
    walking.at_step(page, "confirm")
    switch(page)
    walking.confirm(page)
    walking.at_step(page, "password")
    switch(page)
    walking.set_password(page)
    walking.at_step(page, "done")
    switch(page)
    assert walking.username(page) == "inf2420002"


def test_contact_given_before_is_still_there(page: Page) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    switch(page)
    page.goto("/activation/contact/")
    expect(page.locator("[name=mobile]")).to_have_value(people.MARIA)


def test_switch_while_an_error_stands_there(page: Page) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.NOBODY)
    expect(walking.alert(page)).to_be_visible()
    switch(page)
    walking.at_step(page, "contact")


def test_message_is_in_the_language_of_the_page(page: Page, product: Product) -> None:
    walking.reach_contact(page)
    switch(page)
    walking.give_contact(page, email=people.MARIA_EMAIL)
    walking.at_step(page, "pin")
    assert product.messages_to(people.MARIA_EMAIL)[0]["subject"].startswith("PIN to activate")


def test_switch_on_the_public_pages(page: Page) -> None:
    for path in ("/", "/terms/", "/privacy/", "/accessibility/"):
        page.goto(path)
        switch(page)


def test_switch_without_javascript(plain_page: Page) -> None:
    walking.reach_contact(plain_page)
    switch(plain_page)
    walking.at_step(plain_page, "contact")


def test_language_of_the_browser(page: Page, english_page: Page) -> None:
    for opened, language in ((page, "el"), (english_page, "en")):
        opened.goto("/")
        expect(opened.locator("html")).to_have_attribute("lang", language)


def test_greek_is_the_default(new_context: NewContext) -> None:
    page = new_context(locale="pt-BR").new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "el")
