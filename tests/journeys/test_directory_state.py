"""What becomes of the account in the directory, on the last page and in the menu, while one looks at it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys import owning
from tests.journeys.conftest import NARROW, NewContext
from tests.journeys.walking import PASSWORD, activate, send
from tests.services.product import Product

NEW = "thalassa-19-Kymata"
# Nobody takes the entry up meanwhile.
STAND = "UPDATE accounts_directoryentry SET state = ?, error = ?, waiting_since = ?, due_at = '2099-01-01 00:00:00'"


def stand(product: Product, state: str, error: str = "") -> None:
    product.sql(STAND, state, error, "2026-11-20 10:03:00" if state == "waiting" else None)


def shows(page: Page, state: str) -> None:
    expect(page.locator(f"#directory .state--{state}")).to_be_visible(timeout=20_000)


def test_the_last_page_and_the_menu_follow_by_themselves(
    page: Page, product: Product, axe: Callable[[Page], None]
) -> None:
    activate(page, product, mobile=owning.MOBILE)
    shows(page, "equal")
    axe(page)
    stand(product, "waiting")
    page.reload()
    shows(page, "waiting")
    page.set_viewport_size(NARROW)
    expect(page.locator("#directory")).to_contain_text("12:03")
    axe(page)
    stand(product, "equal")
    shows(page, "equal")
    owning.let_in(page)
    change(page, PASSWORD, NEW)
    axe(page)


def test_without_javascript_a_refusal_leads_to_another_password(new_context: NewContext, product: Product) -> None:
    page = new_context(java_script_enabled=False, viewport=NARROW, locale="en-GB").new_page()
    owning.open_account(product)
    owning.let_in(page)
    change(page, PASSWORD, NEW)
    stand(product, "conflict")
    page.reload()
    shows(page, "conflict")
    expect(page.locator("#directory a[href^='mailto:']")).to_be_visible()
    stand(product, "refused", "history")
    page.reload()
    shows(page, "refused")
    page.locator("#directory a").click()
    owning.at(page, "password/")
    change(page, NEW, PASSWORD)


def change(page: Page, current: str, new: str) -> None:
    page.goto("/mypassword/password/")
    send(page, current_password=current, password1=new, password2=new)
    owning.at(page, "")
    shows(page, "equal")
