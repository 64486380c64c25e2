"""A mistake in the record, from the person's error page to the secretary's queue and back to the account.

Every screen on the way is looked at: accessible, no wider than the window, kept as a picture.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR, DemoUser
from tests.journeys import owning, people, walking
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NARROW, WIDE, NewContext
from tests.services.product import Product

QUEUE = "/admin/office/corrections/"
Look = Callable[[Page, str], None]


@pytest.fixture
def look(axe: Callable[[Page], None], output_path: str) -> Look:
    """What holds on every screen."""
    pictures = Path(output_path).parent / "screens"

    def check(page: Page, name: str) -> None:
        language, width = page.locator("html").get_attribute("lang"), (page.viewport_size or WIDE)["width"]
        page.screenshot(path=pictures / f"{name}-{language}-{width}.png", full_page=True, animations="disabled")
        assert overflow(page) <= 0, name
        axe(page)

    return check


def sit_down(page: Page, user: DemoUser) -> None:
    owning.sign_in(page, username=user.username, password=user.password)
    owning.at(page, "login/code/")
    walking.send(page, code=CODE)
    owning.at(page, "")


def link_of(product: Product, address: str) -> str:
    """Where the newest answer leads."""
    found = re.search(r"/activation/answer/[\w-]+/", product.messages_to(address)[0]["text"])
    assert found
    return found[0]


def open_request(page: Page) -> None:
    page.goto("/admin/")
    page.locator(f".office-tasks a[href='{QUEUE}']").click()
    page.locator("#content tbody a").first.click()
    page.wait_for_url(re.compile(rf"{QUEUE}\d+/"))


def test_a_wrong_birth_date_is_reported_corrected_and_the_account_opened(
    page: Page, new_context: NewContext, product: Product, look: Look
) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.GIORGOS)
    look(page, "trouble-with-offer")
    page.locator("#tell-office").click()
    walking.at_step(page, "pin")
    look(page, "correction-pin")
    walking.send(page, pin=product.pin_sent_to(people.GIORGOS))
    walking.at_step(page, "correction")
    look(page, "correction-fields")
    page.locator("a[href='?field=birth_date']").click()
    walking.send(page, value="40/3/2006")
    expect(page.locator("[name=value]")).to_have_value("40/3/2006")
    born = born_by_amka(product)
    walking.send(page, value=born, remark="Είναι λάθος ο μήνας.")
    look(page, "correction-sent")
    page.locator("a[href='?field=gender']").click()
    page.go_back()
    expect(page.locator(".asked li")).to_have_count(1)

    office = new_context(viewport=NARROW).new_page()
    sit_down(office, ADMINISTRATOR)
    office.goto(QUEUE)
    look(office, "queue")
    open_request(office)
    expect(office.locator("#value")).to_have_text(born)
    look(office, "request")
    office.locator("#accept button").click()
    expect(office.locator(".request-state--accepted")).to_be_visible()
    for address, name in (
        ("/admin/office/amka/", "numbers"),
        ("/admin/office/write-back/", "write-back"),
        ("/admin/office/quality/", "quality"),
    ):
        office.goto(address)
        look(office, name)

    phone = new_context(viewport=NARROW, has_touch=True, is_mobile=True, locale="en-GB").new_page()
    phone.goto(link_of(product, people.GIORGOS))
    look(phone, "answer-accepted")
    phone.locator("main form button").click()
    walking.give_pin(phone, product, sent_to=people.GIORGOS)
    walking.confirm(phone)
    walking.set_password(phone)
    assert walking.username(phone)


def born_by_amka(product: Product) -> str:
    """What the birth date would have to be for the AMKA of the record."""
    code = (
        "from registry.models import Affiliation as A\n"
        f"n = A.objects.get(mobile='{people.GIORGOS}').insurance_number\n"
        "print(n[:2] + '/' + n[2:4] + '/20' + n[4:6])"
    )
    return product.manage("shell", "--no-imports", "-c", code).split()[-1]


def test_who_disagrees_writes_on_a_telephone_without_script_and_reads_why_not(
    new_context: NewContext, product: Product, look: Look
) -> None:
    phone = new_context(java_script_enabled=False, viewport=NARROW, locale="en-GB").new_page()
    walking.reach_confirm(phone, product, mobile=people.MARIA)
    walking.disagree(phone)
    phone.locator("main a[href='/activation/correction/']").click()
    phone.locator("a[href='?field=gender']").click()
    phone.locator("[name=value][value='1']").check()
    walking.press(walking.form_with(phone, "value"))
    expect(phone.locator(".asked li")).to_have_count(1)
    phone.locator("a[href='?field=last_name']").click()
    walking.send(phone, value="Παππά")
    phone.locator(".asked form button").first.click()
    expect(phone.locator(".asked li")).to_have_count(1)
    assert overflow(phone) <= 0

    office = new_context(java_script_enabled=False, locale="en-GB").new_page()
    sit_down(office, ADMINISTRATOR)
    open_request(office)
    walking.press(office.locator("#decline"))
    expect(office.locator(".field__error")).to_be_visible()
    office.locator("#decline [name=reason]").fill("Your identity card says Papadopoulou.")
    walking.press(office.locator("#decline"))
    expect(office.locator(".request-state--declined")).to_be_visible()

    phone.goto(link_of(product, people.MARIA))
    expect(phone.locator("blockquote")).to_have_text("Your identity card says Papadopoulou.")
    phone.locator("main form button").click()
    walking.at_step(phone, "confirm")
