"""Only the keyboard: every step can be reached, seen and taken; focus goes to what matters."""

from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.services.product import Product

MOST_STOPS = 25
OUTLINED = "element => getComputedStyle(element.closest('.choice') ?? element).outlineStyle !== 'none'"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that it shows it."""
    target = page.locator(selector).first
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(OUTLINED), f"the focus on {selector} is not seen"
            return
    raise AssertionError(f"{selector} is not reached within {MOST_STOPS} stops")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def test_from_the_home_page_to_the_account(page: Page, product: Product) -> None:
    page.goto("/")
    tab_to(page, "main a.button")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/activation/")
    tab_to(page, "[name=role]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    walking.at_step(page, "contact")
    type_into(page, "[name=mobile]", people.MARIA)
    page.keyboard.press("Enter")
    walking.at_step(page, "pin")
    type_into(page, "[name=pin]", product.pin_sent_to(people.MARIA))
    page.keyboard.press("Enter")
    walking.at_step(page, "confirm")
    tab_to(page, "[value=agree]")
    page.keyboard.press("Enter")
    walking.at_step(page, "password")
    type_into(page, "[name=password1]", walking.PASSWORD)
    type_into(page, "[name=password2]", walking.PASSWORD)
    tab_to(page, "[name=accept_terms]")
    page.keyboard.press("Space")
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    assert walking.username(page) == people.MARIA_USERNAME


def test_enter_in_a_field_agrees_and_never_disagrees(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    tab_to(page, "[name=store_contacts]")
    page.keyboard.press("Enter")
    walking.at_step(page, "password")


def test_skip_link_leads_to_the_content(page: Page) -> None:
    page.goto("/activation/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "[name=role]")


def test_summary_has_the_focus_and_leads_to_the_field(page: Page) -> None:
    walking.choose_role(page)
    walking.give_contact(page, mobile="69ΑΒ")
    expect(page.locator("#error-summary")).to_be_focused()
    tab_to(page, "#error-summary a")
    page.keyboard.press("Enter")
    expect(page.locator("[name=mobile]")).to_be_focused()


def test_dialog_keeps_the_focus_and_gives_it_back(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    tab_to(page, "[value=disagree]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("h2")).to_be_focused()
    tab_to(page, "dialog button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("[value=disagree]")).to_be_focused()
