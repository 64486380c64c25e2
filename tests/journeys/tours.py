"""Walks that stop at every screen there is, the errors too, so that something can be looked at on each."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.journeys import people, walking
from tests.journeys.clock import let_pass
from tests.services.product import Product

# Called at each stop, with the screen's name.
Visit = Callable[[str], None]
Tour = Callable[[Page, Product, Visit], None]

PUBLIC = {
    "home": "/",
    "terms": "/terms/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "mypassword": "/mypassword/",
    "role": "/activation/",
    "demo": "/demo/",
    "inbox-empty": "/demo/inbox/",
    "not-there": "/nowhere/",
}


def refused(page: Page, **fields: str) -> None:
    """Send what is not accepted, and wait for the answer: there may have been an error on the screen before."""
    with page.expect_navigation():
        walking.send(page, **fields)
    walking.alert(page).wait_for()


def public(page: Page, _product: Product, visit: Visit) -> None:
    for name, path in PUBLIC.items():
        page.goto(path)
        visit(name)


def activation(page: Page, product: Product, visit: Visit) -> None:
    """The plain way, as far as the PIN was accepted, and what may happen there."""
    page.goto("/activation/")
    walking.press(walking.form_with(page, "role"))
    walking.alert(page).wait_for()
    visit("role-error")
    walking.reach_contact(page)
    visit("contact")
    refused(page, mobile="")
    visit("contact-empty")
    refused(page, mobile="69ΑΒ", email="maria@")
    visit("contact-invalid")
    walking.give_contact(page, mobile=people.MARIA, email=people.MARIA_EMAIL)
    walking.at_step(page, "pin")
    visit("pin")
    walking.ask_new_pin(page)
    walking.alert(page).wait_for()
    visit("pin-too-early")
    refused(page, pin=walking.wrong(product.pin_sent_to(people.MARIA)))
    visit("pin-wrong")
    walking.give_pin(page, product, sent_to=people.MARIA)
    walking.at_step(page, "confirm")
    visit("confirm")
    walking.disagree(page)
    visit("disagree-dialog" if page.get_by_role("dialog").count() else "disagree-page")


def ending(page: Page, product: Product, visit: Visit) -> None:
    walking.reach_password(page, product, mobile=people.MARIA)
    visit("password")
    page.locator("[name=password1]").fill("inf2620001")
    visit("password-typing")
    refused(page, password1="kort", password2="")
    visit("password-errors")
    walking.set_password(page)
    walking.username(page)
    visit("done")
    walking.reach_contact(page)
    refused(page, mobile=people.MARIA)
    visit("already-active")
    page.goto("/demo/inbox/")
    visit("inbox")


def insurance(page: Page, product: Product, visit: Visit) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.NIKOS)
    walking.at_step(page, "insurance")
    visit("insurance")
    refused(page, amka="15050600129")
    visit("insurance-failed")
    page.goto("/activation/insurance/?other=1")
    visit("insurance-other")
    refused(page, number="")
    visit("insurance-other-errors")
    page.goto("/activation/contact/")
    walking.give_contact(page, mobile=people.SIBLINGS)
    walking.at_step(page, "clarify")
    visit("clarify")
    refused(page, registration_number="99999")
    visit("clarify-failed")


def troubles(page: Page, product: Product, visit: Visit) -> None:
    walking.reach_contact(page)
    for name, mobile in (("not-found", people.NOBODY), ("incomplete", people.ANNA), ("amka-failed", people.GIORGOS)):
        refused(page, mobile=mobile)
        visit(name)
    walking.give_contact(page, mobile=people.MARIA)
    walking.at_step(page, "pin")
    product.sql("UPDATE accounts_message SET state = 'failed', error = 'unavailable', sent_at = NULL")
    page.reload()
    visit("pin-not-sent")
    let_pass(product, minutes=15)
    page.reload()
    visit("pin-expired")
    let_pass(product, minutes=180)
    page.reload()
    visit("session-lost")
    page.goto("/activation/")
    page.context.clear_cookies()
    walking.press(walking.form_with(page, "role"))
    walking.alert(page).wait_for()
    visit("cookies-blocked")


TOURS: tuple[Tour, ...] = (public, activation, ending, insurance, troubles)
