"""Students whose record has no AMKA."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking, words
from tests.services.product import Product

EUROPEAN_CARD = "80300000001234567890"


def reach_insurance(page: Page) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.NIKOS)
    walking.at_step(page, "insurance")


def finish(page: Page, product: Product, mobile: str) -> str:
    walking.give_pin(page, product, sent_to=mobile)
    walking.confirm(page)
    walking.set_password(page)
    return walking.username(page)


def test_amka_is_asked_for_before_the_pin(page: Page, product: Product) -> None:
    reach_insurance(page)
    assert product.messages_to(people.NIKOS) == []

    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")

    assert finish(page, product, people.NIKOS) == "inf2420002"


def test_amka_that_is_not_theirs(page: Page, product: Product) -> None:
    reach_insurance(page)
    walking.send(page, amka="15050600129")

    expect(walking.alert(page)).to_contain_text(words.AMKA_FAILED)
    expect(page.locator("[name=amka]")).to_have_value("15050600129")
    assert product.messages_to(people.NIKOS) == []

    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")


@pytest.mark.parametrize("typed", ["", "1405060", "abc05060012"])
def test_mistyped_amka(page: Page, typed: str) -> None:
    reach_insurance(page)
    walking.send(page, amka=typed)
    expect(walking.alert(page)).to_be_focused()
    expect(page.locator("[name=amka]")).to_have_attribute("aria-invalid", "true")


def test_number_of_another_country(page: Page, product: Product) -> None:
    reach_insurance(page)
    page.get_by_role("link", name=words.OTHER_COUNTRY).click()
    expect(page.locator("[name=amka]")).to_have_count(0)

    page.locator("[name=country]").select_option("CY")
    walking.send(page, number="1234567")

    walking.at_step(page, "pin")
    assert finish(page, product, people.NIKOS) == "inf2420002"


def test_european_card(plain_page: Page, product: Product) -> None:
    reach_insurance(plain_page)
    plain_page.locator("a[href$='other=1']").click()
    plain_page.locator("[name=country]").select_option("DE")
    walking.send(plain_page, number=EUROPEAN_CARD)
    walking.at_step(plain_page, "pin")


def test_number_without_country_keeps_what_was_typed(page: Page) -> None:
    reach_insurance(page)
    page.locator("a[href$='other=1']").click()
    walking.send(page, number="1234567")

    expect(page.locator("[name=country]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=number]")).to_have_value("1234567")


def test_back_from_the_other_country_to_the_amka(page: Page) -> None:
    reach_insurance(page)
    page.locator("a[href$='other=1']").click()
    page.locator("main a[href$='/activation/insurance/']").click()
    expect(page.locator("[name=amka]")).to_be_visible()


def test_permanent_resident_abroad_is_not_asked(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.SOFIA)
    assert finish(page, product, people.SOFIA) == "nur2620008"
