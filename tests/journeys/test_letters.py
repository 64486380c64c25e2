"""Somebody without a usable contact gets a letter from the secretary, and activates with it."""

import re
import subprocess
from collections.abc import Callable

from playwright.sync_api import Page, expect

from registry.demo.people import CHRISTOS
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NARROW, NewContext
from tests.journeys.test_office import search, sit_down
from tests.journeys.walking import at_step, set_password, username
from tests.services.product import Product

CODE = re.compile(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}\b")


def issue(page: Page) -> tuple[str, str]:
    """Tick, press, and read the download as paper would be read: its text and the code."""
    form = page.locator("#issue")
    form.locator("[name=identified]").check()
    with page.expect_download() as download:
        form.locator("button").click()
    done = subprocess.run(["pdftotext", "-layout", download.value.path(), "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    return text, CODE.findall(text)[0]


def type_letter(page: Page, code: str, *, number: str) -> None:
    """As the QR code opens the page: with the code in the address, which the page takes away."""
    page.goto("about:blank")
    page.goto(f"/activation/letter/#{code}")
    expect(page.locator("[name=code]")).to_have_value(code)
    assert code not in page.url
    page.locator("[name=role][value=student]").check()
    page.locator("[name=registration_number]").fill(number)
    page.locator("[name=registration_number]").press("Enter")


def test_a_secretary_issues_a_letter_and_the_student_activates(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    product.sql("UPDATE registry_affiliation SET email = '', email_given = '' WHERE username = ?", CHRISTOS.username)
    sit_down(page)
    page.goto("/admin/office/letters/")
    axe(page)
    expect(page.locator("#content-main table")).to_contain_text(CHRISTOS.registration_number)
    text, first = issue(page)
    assert CHRISTOS.registration_number in text

    # Theirs was lost: another one, from the page that says why they cannot activate.
    search(page, CHRISTOS.registration_number)
    page.locator("#result_list .field-why a").click()
    page.locator(".office-buttons a[href*='/letters/']").click()
    axe(page)
    page.locator("#issue button").click()
    expect(page.locator(".field__error")).to_be_visible()
    _text, code = issue(page)
    assert code != first

    student = new_context(viewport=NARROW).new_page()
    type_letter(student, first, number=CHRISTOS.registration_number)
    at_step(student, "letter")
    expect(student.get_by_role("alert")).to_be_visible()
    type_letter(student, code, number=CHRISTOS.registration_number)
    at_step(student, "confirm")
    student.locator("[name=decision][value=agree]").click()
    set_password(student)
    assert username(student) == CHRISTOS.username

    page.goto("/admin/office/letters/")
    expect(page.locator("#content-main")).not_to_contain_text(CHRISTOS.registration_number)
    log = product.log.read_text()
    assert first not in log
    assert code not in log


def test_the_pages_of_letters_fit_a_telephone(new_context: NewContext) -> None:
    page = new_context(viewport=NARROW).new_page()
    sit_down(page)
    page.goto("/admin/office/letters/")
    assert overflow(page) == 0
    page.locator("#content-main table a").first.click()
    page.locator(".office-buttons a[href*='/letters/']").click()
    assert overflow(page) == 0
