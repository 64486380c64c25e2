"""The pages that everybody can reach: complete, accessible, and usable on a small screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.accessibility import overflow

PUBLIC = ["/", "/terms/", "/privacy/", "/accessibility/", "/activation/", "/demo/", "/demo/inbox/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_accessible(page: Page, axe: Callable[[Page], None], path: str) -> None:
    page.goto(path)
    axe(page)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_fits_a_telephone(narrow_page: Page, path: str) -> None:
    narrow_page.goto(path)
    assert overflow(narrow_page) <= 0


def test_page_that_is_not_there(page: Page, axe: Callable[[Page], None]) -> None:
    answer = page.goto("/nowhere/")
    assert answer
    assert answer.status == 404
    axe(page)


def test_language_of_the_browser(page: Page, english_page: Page) -> None:
    for opened, language in ((page, "el"), (english_page, "en")):
        opened.goto("/")
        expect(opened.locator("html")).to_have_attribute("lang", language)
