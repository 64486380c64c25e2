"""The personal data about to be registered: to agree with, or to have corrected first."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.services.product import Product


def test_data_about_to_be_registered(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    shown = {
        row.get_attribute("data-fact"): row.locator("dd").inner_text() for row in page.locator("[data-fact]").all()
    }
    assert shown["username"] == people.MARIA_USERNAME
    assert shown["birth_date"] == "17/02/2008"
    assert "Παπαδοπούλου" in shown["last_name"]
    assert "17020" not in shown["insurance"]


def test_disagree_opens_a_dialog(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    walking.disagree(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_be_focused()
    expect(dialog.locator(".office a").first).to_be_visible()

    dialog.get_by_role("button").click()

    expect(dialog).to_be_hidden()
    expect(page.locator("[value=disagree]")).to_be_focused()
    walking.at_step(page, "confirm")


def test_dialog_begins_at_its_beginning_on_a_telephone(narrow_page: Page, product: Product) -> None:
    walking.reach_confirm(narrow_page, product, mobile=people.MARIA)
    walking.disagree(narrow_page)
    expect(narrow_page.get_by_role("dialog").locator("h2")).to_be_in_viewport(ratio=1)
    narrow_page.get_by_role("dialog").get_by_role("button").tap()
    expect(narrow_page.get_by_role("dialog")).to_be_hidden()


def test_dialog_is_left_with_escape(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    walking.disagree(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    walking.confirm(page)
    walking.at_step(page, "password")


def test_disagree_is_a_page_without_javascript(plain_page: Page, product: Product) -> None:
    walking.reach_confirm(plain_page, product, mobile=people.MARIA)
    title = plain_page.locator("h1").inner_text()
    walking.disagree(plain_page)
    expect(plain_page.locator("h1")).not_to_have_text(title)
    expect(plain_page.locator("main .office a").first).to_be_visible()

    plain_page.locator("main .buttons a").click()

    expect(plain_page.locator("h1")).to_have_text(title)
    walking.confirm(plain_page)
    walking.at_step(plain_page, "password")


def test_who_disagreed_has_not_agreed(plain_page: Page, product: Product) -> None:
    walking.reach_password(plain_page, product, mobile=people.MARIA)
    plain_page.goto("/activation/confirm/")
    walking.disagree(plain_page)
    plain_page.goto("/activation/password/")
    walking.at_step(plain_page, "confirm")


@pytest.mark.parametrize("words", ["surname, father's name, date of birth or gender", "no reason to disagree"])
def test_notice_says_what_is_to_be_corrected(english_page: Page, product: Product, words: str) -> None:
    walking.reach_confirm(english_page, product, mobile=people.MARIA)
    walking.disagree(english_page)
    expect(english_page.get_by_role("dialog")).to_contain_text(words)
