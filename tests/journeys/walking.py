"""Steps of the activation, taken the way a person takes them; fields by their names, so in any language."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.services.product import Product

PASSWORD = "korydallos-72-Vrachos"


def form_with(page: Page, field: str) -> Locator:
    return page.locator("form", has=page.locator(f"[name={field}]"))


def send(page: Page, **fields: str) -> None:
    """Type into the fields and press the button of their form; an empty text clears a field."""
    form = form_with(page, next(iter(fields)))
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    press(form)


def press(form: Locator) -> None:
    form.locator("button:not([type=button])").first.click()


def choose_role(page: Page, role: str = "student") -> None:
    """From the home page to the screen of contacts; `role` is `student`, `staff` or `associate`."""
    page.goto("/activation/")
    form = form_with(page, "role")
    radio = form.locator(f"[name=role][value={role}]")
    if radio.get_attribute("type") == "radio":
        radio.check()
        press(form)
    else:
        radio.click()
    at_step(page, "contact")


def at_step(page: Page, step: str) -> None:
    """Waits until the browser shows that step, such as `pin`."""
    expect(page).to_have_url(re.compile(rf"/activation/{step}/(\?.*)?$"))


def give_contact(page: Page, *, mobile: str = "", email: str = "") -> None:
    send(page, mobile=mobile, email=email)


def give_pin(page: Page, product: Product, *, sent_to: str) -> None:
    """Read the newest PIN in the demo inbox and type it."""
    at_step(page, "pin")
    send(page, pin=product.pin_sent_to(sent_to))


def confirm(page: Page, *, store_contacts: bool = True) -> None:
    at_step(page, "confirm")
    page.locator("[name=store_contacts]").set_checked(store_contacts)
    page.locator("[name=decision][value=agree]").click()


def set_password(page: Page, *, password: str = PASSWORD, again: str | None = None, accept_terms: bool = True) -> None:
    at_step(page, "password")
    page.locator("[name=accept_terms]").set_checked(accept_terms)
    send(page, password1=password, password2=password if again is None else again)


def disagree(page: Page) -> None:
    at_step(page, "confirm")
    page.locator("[name=decision][value=disagree]").click()


def ask_new_pin(page: Page) -> None:
    page.locator("#new-pin").click()


def reach_pin(page: Page, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    choose_role(page, role)
    give_contact(page, mobile=mobile, email=email)
    at_step(page, "pin")


def reach_confirm(page: Page, product: Product, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    reach_pin(page, mobile=mobile, email=email, role=role)
    give_pin(page, product, sent_to=mobile or email)
    at_step(page, "confirm")


def reach_password(page: Page, product: Product, *, mobile: str = "", email: str = "") -> None:
    reach_confirm(page, product, mobile=mobile, email=email)
    confirm(page)
    at_step(page, "password")


def alert(page: Page) -> Locator:
    """What the screen says loudly; there is one of it."""
    return page.get_by_role("alert")


def wrong(pin: str) -> str:
    """Six other digits."""
    return f"{(int(pin) + 1) % 1_000_000:06}"


def username(page: Page) -> str:
    """What the last page says."""
    at_step(page, "done")
    return page.locator("#username").inner_text().strip()


def activate(page: Page, product: Product, *, mobile: str = "", email: str = "", role: str = "student") -> str:
    """The whole way of somebody whose record is complete; returns the username."""
    choose_role(page, role)
    give_contact(page, mobile=mobile, email=email)
    give_pin(page, product, sent_to=mobile or email)
    confirm(page)
    set_password(page)
    return username(page)
