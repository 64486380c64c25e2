"""A real Chromium and a real server with the demo's people for every journey, and what each journey must leave alone.

Each journey begins with the database as it was after `load_demo`. It fails when its pages log an error, violate the
Content-Security-Policy, or lack something they ask for.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.journeys.accessibility import violations
from tests.journeys.complaints import Complaints
from tests.services import chromium
from tests.services.processes import private_directory
from tests.services.product import Product, loose_limits, served

NewContext = Callable[..., BrowserContext]

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 375, "height": 700}


@pytest.fixture(scope="session")
def served_product() -> Iterator[Product]:
    with (
        private_directory("journeys") as state,
        served(state, LIMITS=loose_limits(settings.LIMITS), ARGON2_MEMORY_KIB="8", ARGON2_TIME_COST="1") as product,
    ):
        product.remember()
        yield product


@pytest.fixture
def product(served_product: Product) -> Product:
    """The product in the demo mode, as nobody has used it yet."""
    served_product.restore()
    return served_product


@pytest.fixture(scope="session")
def base_url(served_product: Product) -> str:
    """Of pytest-playwright: `page.goto("/activation/")`."""
    return served_product.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium.PROGRAM, "args": chromium.FLAGS}


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages complained about; a journey that provokes something says `complaints.expect("…")`."""
    kept = Complaints()
    yield kept
    assert kept.unexpected() == []


@pytest.fixture
def new_context(new_context: NewContext, complaints: Complaints, product: Product) -> NewContext:
    """Another browser with cookies of its own, say a second person's: `new_context(locale="en-GB").new_page()`.

    A Greek browser on a desktop unless said otherwise, as for `page`.
    """

    def open_context(**options: Any) -> BrowserContext:
        context = new_context(**{"locale": "el-GR", "viewport": WIDE} | options)
        complaints.watch(context)
        return context

    return open_context


@pytest.fixture
def english_page(new_context: NewContext) -> Page:
    return new_context(locale="en-GB").new_page()


@pytest.fixture
def plain_page(new_context: NewContext) -> Page:
    """JavaScript is off."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def narrow_page(new_context: NewContext) -> Page:
    """A small telephone."""
    return new_context(viewport=NARROW, has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fails with a readable report unless the page meets WCAG 2.2 AA and axe's best practices, light and dark."""

    def check(page: Page) -> None:
        found = violations(page)
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check
