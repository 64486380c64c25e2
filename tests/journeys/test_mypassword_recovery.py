"""A forgotten password or username in the browser: the right way, the wrong ones, and without stored contacts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import owning, recovering
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NewContext
from tests.journeys.recovering import NEW
from tests.journeys.walking import PASSWORD, send
from tests.services.product import Product

SCREENS = ["forgotten/", "forgotten/username/", "forgotten/username/?sent=1", "forgotten/code/"]


@pytest.mark.parametrize("language", ["el-GR", "en-GB"])
@pytest.mark.parametrize(("channel", "contact"), [("sms", owning.MOBILE), ("email", owning.EMAIL)])
def test_from_sign_in_to_a_new_password(
    new_context: NewContext, product: Product, language: str, channel: str, contact: str
) -> None:
    page = new_context(locale=language).new_page()
    username = owning.open_account(product)
    recovering.ask(page, channel=channel)
    recovering.give_pin(page, product, sent_to=contact)
    recovering.set_password(page)
    expect(page.locator("#username")).to_have_text(username)
    page.locator("main .button").click()
    send(page, username=username, password=NEW)
    owning.at(page, "")
    assert "not-me" in product.messages_to(owning.EMAIL)[0]["text"]


def test_every_screen_is_accessible(page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    owning.open_account(product)
    page.goto("/mypassword/forgotten/")
    page.locator("main form .button").click()
    expect(owning.alert(page)).to_be_focused()
    axe(page)
    recovering.ask(page)
    axe(page)
    send(page, pin="12")
    axe(page)
    page.locator("#new-pin").click()
    expect(owning.alert(page)).to_be_visible()
    axe(page)
    page.goto("/mypassword/forgotten/pin/")
    recovering.give_pin(page, product)
    axe(page)
    send(page, password1="short", password2="other")
    expect(owning.alert(page)).to_be_focused()
    axe(page)
    recovering.set_password(page)
    owning.at(page, "forgotten/done/")
    axe(page)


@pytest.mark.parametrize("path", SCREENS)
def test_public_screens_are_accessible_and_fit_a_telephone(
    narrow_page: Page, axe: Callable[[Page], None], path: str
) -> None:
    narrow_page.goto(f"/mypassword/{path}")
    assert overflow(narrow_page) <= 0
    axe(narrow_page)


def test_on_a_telephone_without_javascript(plain_page: Page, product: Product) -> None:
    plain_page.set_viewport_size({"width": 375, "height": 700})
    owning.open_account(product)
    recovering.ask(plain_page, channel="email")
    assert overflow(plain_page) <= 0
    recovering.give_pin(plain_page, product, sent_to=owning.EMAIL)
    assert overflow(plain_page) <= 0
    recovering.set_password(plain_page)
    owning.at(plain_page, "forgotten/done/")
    assert overflow(plain_page) <= 0


def test_only_the_field_of_the_chosen_way_is_in_view(page: Page) -> None:
    page.goto("/mypassword/forgotten/")
    for channel, shown, hidden in (("sms", "mobile", "email"), ("email", "email", "mobile")):
        page.locator(f"[name=channel][value={channel}]").check()
        expect(page.locator(f"[name={shown}]")).to_be_visible()
        expect(page.locator(f"[name={hidden}]")).to_be_hidden()


def test_without_stored_contacts_it_is_impossible_and_says_so_before(english_page: Page, product: Product) -> None:
    page = english_page
    owning.open_account(product, recovery_mobile="", recovery_email="")
    page.goto("/mypassword/forgotten/")
    expect(page.locator("main")).to_contain_text("only if you had your mobile or e-mail stored")
    expect(page.locator("main .notice a[href^='mailto:']")).to_be_visible()
    recovering.fill(page, channel="sms", username=owning.USERNAME)
    owning.at(page, "forgotten/pin/")
    expect(page.locator("main")).to_contain_text("handed over")
    expect(page.locator("main")).to_contain_text("Ask the helpdesk.")
    assert product.messages_to(owning.MOBILE) == []
    send(page, pin="123456")
    expect(owning.alert(page)).to_contain_text("Wrong PIN.")


def test_the_page_is_the_same_for_everybody(english_page: Page, new_context: NewContext, product: Product) -> None:
    owning.open_account(product)
    texts = []
    for page, username in ((english_page, owning.USERNAME), (new_context(locale="en-GB").new_page(), "nobody")):
        recovering.ask(page, username=username)
        page.locator("[data-countdown]").first.wait_for()
        page.evaluate("document.querySelectorAll('strong, time, [data-countdown]').forEach(one => one.remove())")
        texts.append(page.locator("main").inner_text())
    assert texts[0] == texts[1]


def test_a_pin_in_another_browser_and_an_old_one_are_refused(
    english_page: Page, new_context: NewContext, product: Product
) -> None:
    owning.open_account(product)
    recovering.ask(english_page)
    pin = product.pin_sent_to(owning.MOBILE)
    other = new_context(locale="en-GB").new_page()
    recovering.ask(other)
    # The newer recovery has ended the first one.
    send(english_page, pin=pin)
    expect(owning.alert(english_page)).to_contain_text("This browser holds no recovery under way")
    if product.pin_sent_to(owning.MOBILE) != pin:
        send(other, pin=pin)
        expect(owning.alert(other)).to_contain_text("Wrong PIN.")


def test_a_double_click_on_the_pin_goes_on(page: Page, product: Product) -> None:
    owning.open_account(product)
    recovering.ask(page)
    page.locator("[name=pin]").fill(product.pin_sent_to(owning.MOBILE))
    page.locator("form:has([name=pin]) button").dblclick()
    owning.at(page, "forgotten/password/")


def test_sessions_elsewhere_end(page: Page, new_context: NewContext, product: Product) -> None:
    owning.open_account(product)
    other = new_context().new_page()
    owning.let_in(other)
    recovering.ask(page)
    recovering.give_pin(page, product)
    recovering.set_password(page)
    owning.at(page, "forgotten/done/")
    other.reload()
    owning.at(other, "login/")


def test_a_forgotten_username_is_sent(page: Page, product: Product) -> None:
    username = owning.open_account(product)
    page.goto("/mypassword/forgotten/")
    page.locator("main a[href$='/forgotten/username/']").click()
    recovering.fill(page, channel="email")
    owning.at(page, "forgotten/username/")
    expect(page.get_by_role("status")).to_be_visible()
    assert username in product.messages_to(owning.EMAIL)[0]["text"]
    assert PASSWORD not in product.messages_to(owning.EMAIL)[0]["text"]
