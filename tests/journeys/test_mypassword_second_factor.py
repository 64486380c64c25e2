"""Setting up, renewing and removing the second factor in the browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.walking import PASSWORD, send
from tests.services.product import Product


def test_from_setting_up_to_removing(english_page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    page = english_page
    owning.open_account(product)
    owning.let_in(page)
    page.get_by_role("link", name="Second factor").click()
    axe(page)
    page.get_by_role("link", name="Set up the second factor").click()
    axe(page)
    page.get_by_role("button", name="I have the app, go on").click()
    picture = page.locator("img.qr")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 100")
    axe(page)
    secret = page.locator("#secret").inner_text()
    send(page, code=f"{(int(owning.app_shows(secret)) + 5) % 10**6:06}")
    expect(owning.alert(page)).to_contain_text("Wrong code")
    assert page.locator("#secret").inner_text() == secret
    owning.let_app_go_on(product)
    send(page, code=owning.app_shows(secret))
    owning.at(page, "second-factor/codes/")
    axe(page)
    page.get_by_role("button", name="Make recovery codes").click()
    expect(page.locator("#codes li")).to_have_count(10)
    expect(page.locator("[data-print]")).to_be_visible()
    axe(page)
    # They are not shown again.
    page.goto("/mypassword/second-factor/codes/")
    expect(page.locator("#codes")).to_have_count(0)
    page.goto("/mypassword/second-factor/")
    expect(page.locator("main")).to_contain_text("10 left")
    page.get_by_role("link", name="Remove the second factor").click()
    axe(page)
    owning.let_app_go_on(product)
    send(page, code=owning.app_shows(secret))
    owning.at(page, "second-factor/")
    expect(page.get_by_role("link", name="Set up the second factor")).to_be_visible()
    told = [message["subject"] for message in product.messages_to(owning.EMAIL)]
    assert len(told) == 3


def test_without_javascript_on_a_telephone(plain_page: Page, product: Product) -> None:
    plain_page.set_viewport_size({"width": 375, "height": 700})
    owning.open_account(product)
    owning.let_in(plain_page)
    owning.set_up_app(plain_page)
    assert len(owning.make_codes(plain_page)) == 10
    assert overflow(plain_page) <= 0


def test_every_page_fits_a_telephone(narrow_page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    page = narrow_page
    owning.open_account(product)
    owning.let_in(page)
    page.goto("/mypassword/second-factor/enrol/")
    assert overflow(page) <= 0
    page.locator("[name=start]").click()
    page.locator("#secret").wait_for()
    assert overflow(page) <= 0
    axe(page)
    secret = page.locator("#secret").inner_text()
    send(page, code=owning.app_shows(secret))
    owning.make_codes(page)
    assert overflow(page) <= 0
    for path in ("", "remove/", "enrol/"):
        page.goto(f"/mypassword/second-factor/{path}")
        assert overflow(page) <= 0


def test_the_password_is_asked_for_again(page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    owning.open_account(product)
    owning.let_in(page)
    page.goto("/mypassword/login/again/?next=/mypassword/second-factor/enrol/")
    axe(page)
    send(page, password="not-mine-at-all")
    expect(owning.alert(page)).to_be_visible()
    send(page, password=PASSWORD)
    owning.at(page, "second-factor/enrol/")


def test_an_account_with_rights_sets_it_up_first(page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    owning.open_account(product, is_staff=1, is_superuser=1)
    page.goto("/admin/")
    send(page, username=owning.USERNAME, password=PASSWORD)
    owning.at(page, "second-factor/enrol/")
    axe(page)
    for path in ("/mypassword/", "/mypassword/helpdesk/", "/admin/", "/mypassword/contacts/"):
        page.goto(path)
        owning.at(page, "second-factor/enrol/")
    owning.set_up_app(page)
    page.goto("/admin/")
    expect(page.locator("#user-tools")).to_be_visible()
