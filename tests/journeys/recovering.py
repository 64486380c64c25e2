"""Steps of somebody who has forgotten the password or changes their contacts."""

import re

from playwright.sync_api import Page

from tests.journeys import owning
from tests.journeys.walking import form_with, press, send
from tests.services.product import Product

NEW = "thalassa-19-Kymata"


def ask(page: Page, *, channel: str = "sms", contact: str = "", username: str = owning.USERNAME) -> None:
    """From the sign-in page through the first screen."""
    page.goto("/mypassword/login/")
    page.locator("main a[href$='/forgotten/']").click()
    fill(page, channel=channel, contact=contact, username=username)


def fill(page: Page, *, channel: str, contact: str = "", **fields: str) -> None:
    """Fill in and send a form that asks for a way and its contact."""
    form = form_with(page, "channel")
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator(f"[name=channel][value={channel}]").check()
    field, stored = ("mobile", owning.MOBILE) if channel == "sms" else ("email", owning.EMAIL)
    form.locator(f"[name={field}]").fill(contact or stored)
    press(form)


def give_pin(page: Page, product: Product, *, sent_to: str = owning.MOBILE) -> None:
    owning.at(page, "forgotten/pin/")
    send(page, pin=product.pin_sent_to(sent_to))


def set_password(page: Page, password: str = NEW) -> None:
    owning.at(page, "forgotten/password/")
    send(page, password1=password, password2=password)


def link_in(product: Product, address: str) -> str:
    """The path of the link in the newest notice to the address."""
    for message in product.messages_to(address):
        if found := re.search(r"/mypassword/not-me/[\w-]+/", message["text"]):
            return found[0]
    raise AssertionError(f"no notice to {address}")
