"""The administrator gives somebody a role without a shell, and takes the account out of use."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR
from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NARROW, WIDE, NewContext
from tests.journeys.walking import send
from tests.services.product import Product

LIST = "/admin/accounts/account/"


def sit_down(page: Page) -> None:
    owning.sign_in(page, username=ADMINISTRATOR.username, password=ADMINISTRATOR.password)
    owning.at(page, "login/code/")
    send(page, code=CODE)
    owning.at(page, "")
    page.goto("/admin/")


def fits(page: Page, axe: Callable[[Page], None]) -> None:
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert overflow(page) == 0
    axe(page)


def test_the_administrator_gives_a_role_and_ends_an_account(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    username = owning.open_account(product)
    owner = new_context(viewport=NARROW).new_page()
    owning.let_in(owner, username=username)

    sit_down(page)
    page.locator(f".office-tasks a[href='{LIST}']").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    assert overflow(page) == 0
    page.locator("#searchbar").fill(username)
    page.locator("#changelist-search [type=submit]").click()
    page.locator("#result_list tbody a").click()
    fits(page, axe)
    page.locator("#id_groups input").first.check()
    page.locator("#id_departments input").first.check()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    # At once, in the session that was open: a second factor comes before anything else now.
    owner.goto("/mypassword/")
    owning.at(owner, "second-factor/enrol/")
    owning.set_up_app(owner)
    owner.goto("/admin/registry/affiliation/")
    expect(owner.locator("#result_list")).to_be_visible()

    page.locator("#searchbar").fill("papadopulu maria")
    page.locator("#changelist-search [type=submit]").click()
    page.locator("#result_list tbody a").click()
    page.locator("#active_reason").fill("Has left the university")
    page.locator("#active button").click()
    expect(page.locator(".office-state.bad")).to_be_visible()
    owner.goto("/mypassword/")
    owning.at(owner, "login/")
    page.goto(page.url.partition("?")[0].replace("/change/", "/history/"))
    expect(page.locator("#content-main tbody tr")).to_have_count(4)
    fits(page, axe)
