"""Steps of somebody who has an account, taken the way a person takes them."""

import re
import time
from base64 import b32decode
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_otp.oath import TOTP
from playwright.sync_api import Locator, Page, expect

from registry.demo.people import MARIA
from tests.journeys.walking import PASSWORD, send, submit
from tests.services.product import Product

USERNAME = MARIA.username
MOBILE, EMAIL = "+306900000001", "maria@example.org"


def open_account(product: Product, *, password: str = PASSWORD, **fields: Any) -> str:
    """Maria's account, opened past the product, which other journeys do in full; returns the username."""
    [(record, person)] = product.sql(
        "SELECT id, person_id FROM registry_affiliation WHERE username = ? ORDER BY id LIMIT 1", USERNAME
    )
    row = {
        "username": USERNAME, "password": make_password(password), "person_id": person, "affiliation_id": record,
        "is_active": 1, "is_staff": 0, "is_superuser": 0, "epoch": 0, "recovery_mobile": MOBILE,
        "recovery_email": EMAIL, "language": "el", "terms_version": "", "created_at": timezone.now().isoformat(),
        "directory_password": "", "records_revision": 0,
    } | fields  # fmt: skip
    blanks = ", ".join("?" * len(row))
    # The names of the columns are written above, none comes from outside.
    product.sql(f"INSERT INTO accounts_account ({', '.join(row)}) VALUES ({blanks})", *row.values())
    return USERNAME


def at(page: Page, path: str) -> None:
    """Waits until the browser shows that page of MyPassword, such as `login/code/`."""
    expect(page).to_have_url(re.compile(rf"/mypassword/{path}(\?.*)?$"))


def alert(page: Page) -> Locator:
    return page.get_by_role("alert")


def sign_in(page: Page, *, username: str = USERNAME, password: str = PASSWORD) -> None:
    page.goto("/mypassword/")
    at(page, "login/")
    send(page, username=username, password=password)


def signed_in(page: Page, **fields: str) -> None:
    sign_in(page, **fields)
    at(page, "")


def let_in(page: Page, *, username: str = USERNAME, password: str = PASSWORD) -> None:
    """At the menu, straight: for journeys that are not about signing in."""
    submit(page, "/mypassword/login/", username=username, password=password)
    page.goto("/mypassword/")
    at(page, "")


def sign_out(page: Page) -> None:
    page.locator("form[action$='/logout/'] button").click()
    at(page, "login/")


def app_shows(secret: str) -> str:
    """The code that an app with this secret shows now; the secret as it stands on the page."""
    app = TOTP(b32decode(secret.replace(" ", "")))
    app.time = time.time()
    return f"{app.token():06}"


def set_up_app(page: Page) -> str:
    """From the menu to the page of recovery codes; returns the secret."""
    page.goto("/mypassword/second-factor/enrol/")
    page.locator("[name=start]").click()
    secret = page.locator("#secret").inner_text()
    send(page, code=app_shows(secret))
    at(page, "second-factor/codes/")
    return secret


def make_codes(page: Page) -> list[str]:
    page.goto("/mypassword/second-factor/codes/")
    page.locator("main form:not([action]) button").click()
    page.locator("#codes").wait_for()
    return page.locator("#codes li").all_inner_texts()


def let_app_go_on(product: Product) -> None:
    """As if half a minute had passed: the app's code may be used again, and wrong ones are forgotten."""
    product.sql("UPDATE otp_totp_totpdevice SET last_t = -1, throttling_failure_count = 0")
