"""The PIN: wrong, expired, replaced, used, exhausted; and when a new one may be asked for."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.journeys.clock import let_pass
from tests.services.product import Product

RESEND = "**/activation/pin/new/"


def resend_status(page: Page) -> int:
    """Press «send a new code»; the status of the answer."""
    with page.expect_response(RESEND) as answer:
        walking.ask_new_pin(page)
    return answer.value.status


def renew(page: Page, product: Product, *, seconds: int = 120) -> str:
    """Wait, ask for a new PIN, read it."""
    let_pass(product, seconds=seconds)
    assert resend_status(page) == 302
    walking.at_step(page, "pin")
    return product.pin_sent_to(people.MARIA)


def test_screen_tells_where_the_pin_went(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)

    expect(english_page.locator(".deliveries")).to_contain_text("SMS to +30 •••••001: sent")
    expect(english_page.locator("main")).not_to_contain_text("6900000001")
    reference = english_page.locator("[data-pin-open] strong").inner_text()
    assert f"(message {reference})" in product.messages_to(people.MARIA)[0]["text"]
    expect(english_page.locator("main")).to_contain_text("minutes left")


def test_wrong_pin(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    walking.send(english_page, pin=walking.wrong(pin))

    expect(walking.alert(english_page)).to_contain_text("Wrong PIN. You can try 4 more times.")
    expect(walking.alert(english_page)).to_be_focused()

    walking.send(english_page, pin=pin)
    walking.at_step(english_page, "confirm")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12a456"])
def test_no_pin_at_all_costs_no_try(english_page: Page, product: Product, typed: str) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    walking.send(english_page, pin=typed)
    expect(walking.alert(english_page)).to_be_visible()
    assert product.sql("SELECT tries FROM accounts_pin") == [(0,)]


def test_pin_with_spaces_is_understood(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    walking.send(page, pin=f" {pin[:3]} {pin[3:]} ")
    walking.at_step(page, "confirm")


def test_expired_pin(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    let_pass(product, minutes=15)
    walking.send(english_page, pin=pin)

    expect(walking.alert(english_page)).to_contain_text("The PIN has expired")

    walking.send(english_page, pin=renew(english_page, product))
    walking.at_step(english_page, "confirm")


def test_expiry_is_seen_before_anything_is_typed(english_page: Page, product: Product) -> None:
    english_page.clock.install()
    walking.reach_pin(english_page, mobile=people.MARIA)
    expect(english_page.locator(".wait").first).to_contain_text("minutes left")

    english_page.clock.fast_forward("15:01")

    expect(english_page.locator("main")).to_contain_text("This PIN has expired")
    expect(english_page.locator("[data-pin-open]")).to_be_hidden()


def test_replaced_pin(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    older = product.pin_sent_to(people.MARIA)
    newer = renew(english_page, product)
    reference = english_page.locator("[data-pin-open] strong").inner_text()
    walking.send(english_page, pin=older)

    expect(walking.alert(english_page)).to_contain_text("replaced by a newer one")
    expect(walking.alert(english_page)).to_contain_text(reference)

    walking.send(english_page, pin=newer)
    walking.at_step(english_page, "confirm")


def test_used_pin(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    product.sql("UPDATE accounts_pin SET used_at = created_at")
    walking.send(english_page, pin=product.pin_sent_to(people.MARIA))

    expect(walking.alert(english_page)).to_contain_text("it works only once")
    walking.at_step(english_page, "pin")


def test_pin_of_the_old_contact_is_worth_nothing_for_the_new(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    used = product.pin_sent_to(people.MARIA)

    page.goto("/activation/contact/")
    walking.give_contact(page, email=people.MARIA_EMAIL)
    walking.at_step(page, "pin")
    walking.send(page, pin=used)

    expect(walking.alert(page)).to_be_visible()
    walking.give_pin(page, product, sent_to=people.MARIA_EMAIL)
    walking.at_step(page, "confirm")


def test_exhausted_pin(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)
    for _ in range(5):
        walking.send(english_page, pin=walking.wrong(pin))
        expect(walking.alert(english_page)).to_be_visible()
    expect(walking.alert(english_page)).to_contain_text("mistyped five times")

    walking.send(english_page, pin=pin)
    expect(walking.alert(english_page)).to_contain_text("mistyped five times")

    walking.send(english_page, pin=renew(english_page, product))
    walking.at_step(english_page, "confirm")


def test_new_pin_has_to_wait(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    pin = product.pin_sent_to(people.MARIA)

    with english_page.expect_response(RESEND) as answer:
        walking.ask_new_pin(english_page)

    assert answer.value.status == 429
    assert 0 < int(answer.value.headers["retry-after"]) <= 30
    expect(walking.alert(english_page)).to_contain_text("A PIN was just sent to you. Try again in")
    assert len(product.messages_to(people.MARIA)) == 1
    # The PIN that came can be typed right where the answer stands.
    walking.send(english_page, pin=pin)
    walking.at_step(english_page, "confirm")


def test_reload_and_language_after_asking_too_early(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    assert resend_status(english_page) == 429

    english_page.locator(".language button").click()

    walking.at_step(english_page, "pin")
    expect(english_page.locator("html")).to_have_attribute("lang", "el")
    expect(english_page.locator("[name=pin]")).to_be_visible()


def test_waits_grow(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    for wait in (30, 60, 120):
        let_pass(product, seconds=wait - 8)
        assert resend_status(page) == 429
        let_pass(product, seconds=8)
        assert resend_status(page) == 302
    assert len(product.messages_to(people.MARIA)) == 4


def test_wait_is_counted_down(english_page: Page, product: Product) -> None:
    english_page.clock.install()
    walking.reach_pin(english_page, mobile=people.MARIA)
    expect(english_page.locator("#new-pin-wait")).to_contain_text("In 0:")

    english_page.clock.fast_forward(31_000)

    expect(english_page.locator("#new-pin-wait")).to_have_text("You can ask for a new PIN now.", use_inner_text=True)


def test_wait_is_told_without_javascript(plain_page: Page, product: Product) -> None:
    walking.reach_pin(plain_page, mobile=people.MARIA)
    expect(plain_page.locator("#new-pin-wait time")).to_be_visible()
    expect(plain_page.locator("[data-countdown]").first).to_be_hidden()


def test_pin_that_could_not_be_sent_may_be_asked_for_at_once(english_page: Page, product: Product) -> None:
    walking.reach_pin(english_page, mobile=people.MARIA)
    product.sql("UPDATE accounts_message SET state = 'failed', error = 'unavailable', sent_at = NULL")
    english_page.reload()

    expect(english_page.locator(".deliveries")).to_contain_text("failed")
    expect(english_page.locator(".deliveries")).to_contain_text("Ask for a new PIN, or use the other way")
    assert resend_status(english_page) == 302


def test_nothing_typed_earlier_is_lost_by_a_new_pin(page: Page, product: Product) -> None:
    walking.reach_contact(page)
    walking.give_contact(page, mobile=people.NIKOS)
    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")
    let_pass(product, minutes=15)
    assert resend_status(page) == 302

    walking.give_pin(page, product, sent_to=people.NIKOS)
    walking.at_step(page, "confirm")
    expect(page.locator("[data-fact=insurance] dd")).not_to_be_empty()
