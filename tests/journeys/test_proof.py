"""The proof of work in a real browser: nobody has to do anything for it, and without JavaScript a limit is tighter."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys import people, walking
from tests.journeys.accessibility import overflow, violations
from tests.journeys.conftest import NARROW
from tests.services.processes import private_directory
from tests.services.product import Product, loose_limits, served


@pytest.fixture(scope="module")
def asking() -> Iterator[Product]:
    """A product that asks for a proof from the first attempt on, and lets nobody pass without."""
    limits = json.loads(loose_limits(settings.LIMITS))
    limits |= {f"{act}:{rule}": "0 per minute" for act in ("lookup", "signin") for rule in ("calm", "unproved")}
    with private_directory("proof") as state, served(state, LIMITS=json.dumps(limits)) as product:
        yield product


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext], asking: Product) -> Callable[..., Page]:
    def open_page(path: str, **options: Any) -> Page:
        page = new_context(**options).new_page()
        page.goto(asking.url + path)
        return page

    return open_page


def choose_role(page: Page) -> Page:
    page.locator("[name=role][value=student]").check()
    walking.press(walking.form_with(page, "role"))
    walking.at_step(page, "contact")
    return page


def test_a_browser_brings_it_unseen(visitor: Callable[..., Page], asking: Product) -> None:
    page = choose_role(visitor("/activation/"))
    assert violations(page) == []
    walking.give_contact(page, mobile=people.MARIA)
    walking.give_pin(page, asking, sent_to=people.MARIA)
    walking.at_step(page, "confirm")


def test_who_sends_the_form_too_soon_waits_and_is_told(visitor: Callable[..., Page], asking: Product) -> None:
    page = visitor("/", viewport=NARROW, locale="en-GB")
    # A slow telephone: the worker answers only when it is told to.
    page.add_init_script("Worker.prototype.postMessage = function () { window.worker = this }")
    page.goto(asking.url + "/mypassword/login/")
    walking.send(page, username="nobody", password="not-the-password-72")
    status = page.get_by_role("status")
    expect(status).to_contain_text("One moment")
    assert violations(page) == []
    assert overflow(page) == 0
    page.evaluate("worker.dispatchEvent(new MessageEvent('message', { data: null }))")
    expect(walking.alert(page)).to_contain_text("Too many attempts.")


def test_without_javascript_the_limit_is_tighter(visitor: Callable[..., Page]) -> None:
    page = choose_role(visitor("/activation/", java_script_enabled=False))
    walking.give_contact(page, mobile=people.MARIA)
    expect(walking.alert(page)).to_be_visible()
    walking.at_step(page, "contact")
