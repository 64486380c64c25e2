"""Somebody whose record is complete activates; the plainest journey, which shows that the tools of the others work."""

from playwright.sync_api import Page

from tests.journeys import walking
from tests.services.product import Product


def test_activation_by_sms(page: Page, product: Product) -> None:
    assert walking.activate(page, product, mobile="+306900000001")


def test_activation_without_javascript(plain_page: Page, product: Product) -> None:
    assert walking.activate(plain_page, product, email="maria@example.org")


def test_activation_in_english_begins_anew(english_page: Page, product: Product) -> None:
    """The database was restored after the journeys before: the same person is a newcomer again."""
    assert walking.activate(english_page, product, mobile="+306900000001")
