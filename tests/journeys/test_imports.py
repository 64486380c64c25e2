"""The operator hands over a file: progress, plan line by line, confirmation, undo."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR
from registry.demo.cohort import sis_rows
from registry.demo.rows import write_csv
from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NARROW, NewContext
from tests.journeys.walking import send
from tests.services.product import Product

LIST = "/admin/registry/importrun/"


def sit_down(page: Page, *, username: str = ADMINISTRATOR.username, password: str = ADMINISTRATOR.password) -> None:
    """Sign in, as the demo's administrator unless told otherwise."""
    owning.sign_in(page, username=username, password=password)
    owning.at(page, "login/code/")
    send(page, code=CODE)
    owning.at(page, "")


def changed_cohort(path: Path) -> Path:
    """The demo's students: one is renamed, one has another AMKA, one row is damaged, one is gone, one is new."""
    rows = [dict(row) for row in sis_rows()]
    rows[20]["lastNameEl"] = "Καραϊσκάκη"
    rows[21] |= {"ssn": "21030500066", "ssnCountry": "GR"}
    rows[22]["gender"] = "female"
    rows[23] |= {"systemID": "NEW-1", "registrationID": "new0001", "loginName": "newcomer"}
    write_csv(path, rows)
    return path


def few(path: Path) -> Path:
    """So few students that nearly all would vanish."""
    write_csv(path, [dict(row) for row, _number in zip(sis_rows(), range(5), strict=False)])
    return path


def hand_over(page: Page, file: Path) -> None:
    page.goto(LIST)
    page.locator(".import-a-file a").click()
    page.locator("[name=source]").select_option("sis")
    page.locator("[name=file]").set_input_files(file)
    page.locator("form.import-form button").click()
    expect(page.locator("#import-run")).to_be_visible()


def settled(page: Page, state: str) -> None:
    """Wait until the page shows by itself that the import has come to this state."""
    expect(page.locator(f"#import-run[data-settled] .import-state--{state}")).to_be_visible(timeout=20_000)


def look_until_settled(page: Page, state: str) -> None:
    """The same by the link that is there for those without JavaScript."""
    link = page.locator(".import-state p a")
    for _look in range(100):
        if not link.count():
            break
        link.click()
        page.wait_for_timeout(100)
    expect(page.locator(f".import-state--{state}")).to_be_visible()


def surname(product: Product, number: str) -> str:
    [(name,)] = product.sql("SELECT last_name_el FROM registry_affiliation WHERE registration_number = ?", number)
    return str(name)


def test_a_file_is_handed_over_looked_at_and_undone(
    page: Page, product: Product, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    renamed = list(sis_rows())[20]
    number, before = renamed["registrationID"], renamed["lastNameEl"]
    sit_down(page)
    page.goto(LIST)
    axe(page)
    hand_over(page, changed_cohort(tmp_path / "students.csv"))
    settled(page, "applied")
    tabs = page.locator(".import-tabs a")
    assert {tab.get_attribute("href") for tab in tabs.all()} >= {
        "?kind=vanished", "?kind=rejected", "?kind=changed", "?kind=added",
    }  # fmt: skip
    tabs.and_(page.locator("[href='?kind=changed']")).click()
    change = page.locator("tr", has_text=number)
    expect(change.locator("del")).to_have_text(before)
    expect(change.locator("ins")).to_have_text("Καραϊσκάκη")
    expect(page.locator(".import-lines")).not_to_contain_text("21030500066")
    axe(page)
    page.locator(".import-tabs [href='?kind=rejected']").click()
    expect(page.locator(".import-lines tbody tr")).to_contain_text(["gender"])
    assert surname(product, number) == "Καραϊσκάκη"
    page.locator("#undo").click()
    settled(page, "undone")
    assert surname(product, number) == before


def test_what_a_guard_rail_holds_is_confirmed_without_javascript(
    plain_page: Page, product: Product, tmp_path: Path
) -> None:
    sit_down(plain_page)
    hand_over(plain_page, few(tmp_path / "few.csv"))
    look_until_settled(plain_page, "held")
    expect(plain_page.locator(".import-state .reason")).to_contain_text("1995")
    assert product.sql("SELECT COUNT(*) FROM registry_affiliation WHERE vanished_at IS NOT NULL") == [(0,)]
    plain_page.locator("#apply").click()
    look_until_settled(plain_page, "applied")
    assert product.sql("SELECT COUNT(*) FROM registry_affiliation WHERE vanished_at IS NOT NULL") == [(1995,)]


def test_on_a_telephone_in_english(
    new_context: NewContext, product: Product, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    page = new_context(locale="en-GB", viewport=NARROW).new_page()
    sit_down(page)
    hand_over(page, few(tmp_path / "few.csv"))
    settled(page, "held")
    assert overflow(page) == 0
    axe(page)
    page.get_by_role("button", name="Do not apply").click()
    settled(page, "refused")
    page.goto(f"{LIST}upload/")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a file.")
    assert overflow(page) == 0
    axe(page)
