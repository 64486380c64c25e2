"""The checks that every journey relies on do find what they are there to find."""

import pytest
from playwright.sync_api import Page

from tests.journeys.accessibility import overflow, violations
from tests.journeys.complaints import Complaints
from tests.services.product import Product

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


def show(page: Page, body: str) -> None:
    """The body as a page of the product, under a strict policy."""
    html = f"<!doctype html><html lang='el'><head><title>x</title></head><body>{body}</body></html>"
    page.route(
        "**/made-up/",
        lambda route: route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY}),
    )
    page.goto("/made-up/")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<p style='color: red'>x</p>", "console error"),
        ("<script>document.title = 'y'</script>", "console error"),
        ("<img alt='' src='/static/nowhere.png'>", "answer: 404"),
        ("<iframe title='x' src='https://example.org/'></iframe>", "console error"),
    ],
)
def test_complaints_are_noticed(page: Page, complaints: Complaints, body: str, complaint: str) -> None:
    show(page, body)
    page.wait_for_load_state("networkidle")
    assert [made for made in complaints.unexpected() if made.startswith(complaint)]
    complaints.expect(".")


def test_expected_complaints_leave_the_others(complaints: Complaints) -> None:
    complaints.made += ["answer: 404 GET /a", "answer: 404 GET /b"]
    complaints.expect("GET /a$")
    assert complaints.unexpected() == ["answer: 404 GET /b"]
    complaints.made.clear()


def test_inaccessible_page_is_described(page: Page, complaints: Complaints) -> None:
    complaints.expect("Content Security Policy")
    show(page, "<main><h1>x</h1><img src='data:,'><p><font color='#eeeeee'>pale</font></p></main>")
    found = "\n".join(violations(page))
    assert "image-alt (critical)" in found
    assert "color-contrast (serious)" in found


def test_wide_page_overflows(narrow_page: Page) -> None:
    show(
        narrow_page, "<meta name='viewport' content='width=device-width'><table width='900'><tr><td>x</td></tr></table>"
    )
    assert overflow(narrow_page) > 0


def test_database_is_restored(product: Product) -> None:
    product.sql("UPDATE registry_department SET name_el = 'changed'")
    product.restore()
    assert product.sql("SELECT count(*) FROM registry_department WHERE name_el = 'changed'") == [(0,)]
