"""What the browser knew of the attempt is gone: it is said, and the way on is one button."""

from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.journeys.clock import let_pass
from tests.services.product import Product


def test_cookie_of_the_attempt_is_gone(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    page.context.clear_cookies(name="sessionid")
    walking.send(page, pin=product.pin_sent_to(people.MARIA))

    expect(walking.alert(page)).to_be_visible()
    page.locator("main .buttons a").click()
    expect(page).to_have_url("/activation/")
    assert walking.activate(page, product, mobile=people.MARIA) == people.MARIA_USERNAME


def test_all_cookies_are_gone(page: Page, product: Product) -> None:
    walking.reach_pin(page, mobile=people.MARIA)
    page.context.clear_cookies()
    with page.expect_response("**/activation/pin/") as answer:
        walking.send(page, pin=product.pin_sent_to(people.MARIA))

    assert answer.value.status == 403
    expect(walking.alert(page)).to_be_visible()
    assert walking.activate(page, product, mobile=people.MARIA) == people.MARIA_USERNAME


def test_cookies_are_gone_and_a_page_is_opened(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    page.context.clear_cookies()
    page.reload()
    expect(page).to_have_url("/activation/")
    expect(page.locator("[name=role]").first).to_be_visible()


def test_attempt_is_too_old(page: Page, product: Product) -> None:
    walking.reach_confirm(page, product, mobile=people.MARIA)
    let_pass(product, minutes=181)
    walking.confirm(page)

    expect(walking.alert(page)).to_be_visible()
    page.locator("main .buttons a").click()
    walking.reach_pin(page, mobile=people.MARIA)


def test_cookies_are_blocked(page: Page, product: Product) -> None:
    """Every answer's cookies are thrown away: the person learns that it is the cookies."""
    page.goto("/activation/")
    page.context.clear_cookies()
    page.locator("[value=student]").check()
    walking.press(walking.form_with(page, "role"))
    expect(walking.alert(page)).to_contain_text("cookies")
