"""What holds on every screen there is, the errors too: accessible, complete, and wide enough for any window.

`pytest --screenshot=on tests/journeys/test_screens.py` keeps them as pictures in `test-results/screens/`, for people
to look at.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.journeys.accessibility import overflow
from tests.journeys.complaints import Complaints
from tests.journeys.conftest import NARROW, WIDE, NewContext
from tests.journeys.tours import TOURS, Tour, activation, ending
from tests.services.product import Product

Picture = Callable[[Page, str], None]
every_tour = pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.__name__)
every_language = pytest.mark.parametrize("locale", ["el-GR", "en-GB"])


def structure(page: Page) -> list[str]:
    """What is missing that every page has."""
    page.wait_for_load_state()
    title = page.title()
    wanted = {
        "one h1": page.locator("h1:visible").count() == 1,
        "a title of its own": bool(re.fullmatch(r".+ – URegister, .+", title)),
        "a language": page.locator("html").get_attribute("lang") in {"el", "en"},
        "one main": page.locator("main").count() == 1,
        "no step beyond the last": "5/4" not in title,
        "labels for all fields": page.locator("main input:visible:not([aria-hidden])").evaluate_all(
            "inputs => inputs.every(input => input.labels.length)"
        ),
        "whole ids": page.locator("[id]").evaluate_all(
            "all => new Set(all.map(element => element.id)).size === all.length"
        ),
    }
    return [name for name, found in wanted.items() if not found]


@pytest.fixture
def picture(output_path: str, pytestconfig: pytest.Config) -> Picture:
    pictures = Path(output_path).parent / "screens"
    wanted = pytestconfig.getoption("screenshot") == "on"

    def take(page: Page, name: str) -> None:
        if not wanted:
            return
        language = page.locator("html").get_attribute("lang")
        width = (page.viewport_size or WIDE)["width"]
        page.screenshot(path=pictures / f"{name}-{language}-{width}.png", full_page=True, animations="disabled")

    return take


@every_tour
@every_language
def test_every_screen_is_accessible_and_complete(
    new_context: NewContext, product: Product, axe: Callable[[Page], None], picture: Picture, *, tour: Tour, locale: str
) -> None:
    page = new_context(locale=locale).new_page()
    missing = {}

    def look(name: str) -> None:
        missing[name] = structure(page)
        # What axe finds in one language it finds in the other.
        if locale == "el-GR":
            axe(page)
        picture(page, name)

    tour(page, product, look)
    assert {name: what for name, what in missing.items() if what} == {}


@every_tour
@every_language
def test_every_screen_fits_a_telephone(
    new_context: NewContext, product: Product, picture: Picture, tour: Tour, locale: str
) -> None:
    page = new_context(locale=locale, viewport=NARROW, has_touch=True, is_mobile=True).new_page()
    wide = {}

    def look(name: str) -> None:
        wide[name] = overflow(page)
        picture(page, name)

    tour(page, product, look)
    assert {name: pixels for name, pixels in wide.items() if pixels > 0} == {}


@pytest.mark.parametrize("tour", [activation, ending], ids=lambda tour: tour.__name__)
def test_every_screen_without_javascript(plain_page: Page, product: Product, tour: Tour) -> None:
    missing = {}
    tour(plain_page, product, lambda name: missing.update({name: structure(plain_page)}))
    assert {name: what for name, what in missing.items() if what} == {}


def test_server_error_is_explained(
    page: Page, product: Product, complaints: Complaints, axe: Callable[[Page], None], picture: Picture
) -> None:
    complaints.expect("answer: 500 POST")
    product.sql("ALTER TABLE activation_activation RENAME TO activation_elsewhere")
    page.goto("/activation/")
    page.locator("[value=student]").check()
    page.locator("main form button[type=submit]").click()

    expect(page.locator("h1").first).to_be_visible()
    assert "activation_activation" not in page.content()
    axe(page)
    picture(page, "server-error")


def test_bad_request_is_explained(page: Page, axe: Callable[[Page], None], picture: Picture) -> None:
    """More fields than any form has."""
    page.goto("/activation/")
    page.locator("main form").evaluate(
        "form => { for (let n = 0; n < 1100; n++) form.append(form.elements[0].cloneNode()) }"
    )
    with page.expect_response("**/activation/") as answer:
        page.locator("main form button[type=submit]").click()
    assert answer.value.status == 400
    axe(page)
    picture(page, "bad-request")


def test_last_page_can_be_printed(page: Page, product: Product, picture: Picture) -> None:
    walking.activate(page, product, mobile=people.MARIA)
    expect(page.locator("[data-print]")).to_be_visible()
    page.emulate_media(media="print")

    for hidden in (".header__tools", ".demo-strip", ".steps", ".buttons", "[data-print]"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("#username")).to_be_visible()
    expect(page.locator(".brand__institution")).to_be_visible()
    assert pages_of(page.pdf(format="A4")) == 1
    picture(page, "done-print")


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
