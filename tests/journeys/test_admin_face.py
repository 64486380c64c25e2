"""What holds on every page of the administration: accessible, light and dark, and no wider than its window."""

import json
import re
from collections.abc import Iterator

from playwright.sync_api import Page

from tests.activation.office.staff import PASSWORD
from tests.journeys.accessibility import overflow, violations, violations_of_layout
from tests.journeys.conftest import NARROW, WIDE, NewContext
from tests.journeys.test_imports import sit_down
from tests.services.product import Product

FURNISH = "from tests.journeys.furnished import furnish; furnish()"
KINDS = (
    *("/change/", "/add/", "/history/", "/delete/", "/upload/", "/corrections/", "/amka/", "/quality/", "/progress/"),
    *(r"/letters/\d+/", r"/records/\d+/"),
)
LIST = "/admin/registry/affiliation/"


def faults(page: Page) -> Iterator[str]:
    """On a desktop, light and dark, then on a telephone."""
    page.set_viewport_size(WIDE)
    yield from violations(page)
    if wider := overflow(page):
        yield f"wide: {wider} px wider than its window"
    page.set_viewport_size(NARROW)
    yield from violations_of_layout(page, "narrow")
    if wider := overflow(page):
        yield f"narrow: {wider} px wider than its window"


def test_every_page_of_the_administration(new_context: NewContext, product: Product) -> None:
    """As the superuser, who may open each; and a record as the operator, who may only read it."""
    addresses = json.loads(product.manage("shell", "--verbosity", "0", "--command", FURNISH))
    # A table of 50 rows takes axe as long as ten other pages, and says no more than one of few.
    addresses = [f"{LIST}?q=Markos" if address == LIST else address for address in addresses]
    page = new_context().new_page()
    sit_down(page)
    shown = [address for address in addresses if is_page(page, address)]
    # The walk has met every kind of page: else it would prove nothing.
    assert {kind for kind in KINDS if not any(re.search(kind, address) for address in shown)} == set()
    found = {}
    for address in shown:
        page.goto(address)
        found[address] = list(faults(page))
    reader = new_context().new_page()
    sit_down(reader, username="operator", password=PASSWORD)
    reader.goto(next(address for address in shown if address.startswith(LIST) and address.endswith("/change/")))
    found["as the operator"] = list(faults(reader))
    wrong = {address: told for address, told in found.items() if told}
    assert not wrong, "\n\n".join("\n".join([address, *told]) for address, told in wrong.items())


def is_page(page: Page, address: str) -> bool:
    """Neither turned away, nor sent elsewhere, nor a file."""
    answer = page.request.get(address, max_redirects=0)
    return answer.ok and "html" in answer.headers["content-type"]
