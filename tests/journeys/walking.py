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


def walk_to_pin(page: Page, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    choose_role(page, role)
    give_contact(page, mobile=mobile, email=email)
    at_step(page, "pin")


def walk_to_confirm(page: Page, product: Product, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    walk_to_pin(page, mobile=mobile, email=email, role=role)
    give_pin(page, product, sent_to=mobile or email)
    at_step(page, "confirm")


def walk_to_password(page: Page, product: Product, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    walk_to_confirm(page, product, mobile=mobile, email=email, role=role)
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
    walk_to_password(page, product, mobile=mobile, email=email, role=role)
    set_password(page)
    return username(page)


# ---- Straight to a step: for journeys that are about what comes then ------------------------------------------------


def reach_contact(page: Page, role: str = "student") -> None:
    submit(page, "/activation/", role=role)
    _arrive(page, "contact")


def reach_pin(page: Page, *, mobile: str = "", email: str = "", role: str = "student") -> None:
    _ask_for_pin(page, mobile=mobile, email=email, role=role)
    _arrive(page, "pin")


def reach_confirm(page: Page, product: Product, *, mobile: str = "", email: str = "") -> None:
    _prove(page, product, mobile=mobile, email=email)
    _arrive(page, "confirm")


def reach_password(page: Page, product: Product, *, mobile: str = "", email: str = "") -> None:
    _prove(page, product, mobile=mobile, email=email)
    submit(page, "/activation/confirm/", store_contacts="on", decision="agree")
    _arrive(page, "password")


def _ask_for_pin(page: Page, *, mobile: str, email: str, role: str = "student") -> None:
    submit(page, "/activation/", role=role)
    submit(page, "/activation/contact/", mobile=mobile, email=email)


def _prove(page: Page, product: Product, *, mobile: str, email: str) -> None:
    _ask_for_pin(page, mobile=mobile, email=email)
    submit(page, "/activation/pin/", pin=product.pin_sent_to(mobile or email))


def submit(page: Page, path: str, **fields: str) -> None:
    """Send the form of a page in this browser's session and language, without drawing the page; it has to lead on."""
    client, language = page.context.request, {"Accept-Language": page.evaluate("navigator.language")}
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path, headers=language).text())
    assert token, f"{path} has no form"
    typed = {"csrfmiddlewaretoken": token[1], **fields}
    answer = client.post(path, form=typed, headers=language, max_redirects=0)
    assert answer.status == 302, f"{path}: {answer.status}"


def _arrive(page: Page, step: str) -> None:
    page.goto(f"/activation/{step}/")
    at_step(page, step)
