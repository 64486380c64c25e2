"""The secretary keeps a record right, and imports do not undo it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import SECRETARIAT
from registry.demo.cohort import sis_rows
from registry.demo.people import CHRISTOS
from registry.demo.rows import write_csv
from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.conftest import NARROW, NewContext
from tests.journeys.people import MARIA
from tests.journeys.walking import activate, alert, reach_pin, send, wrong
from tests.services.product import Product

LIST = "/admin/registry/affiliation/"
RIGHT = f"+30{CHRISTOS.mobile}"
PINS = ".office-pins"


def sit_down(page: Page) -> None:
    """Sign in as the demo's secretary."""
    owning.sign_in(page, username=SECRETARIAT.username, password=SECRETARIAT.password)
    owning.at(page, "login/code/")
    send(page, code=CODE)
    owning.at(page, "")
    page.goto("/admin/")


def search(page: Page, text: str) -> None:
    page.goto(LIST)
    page.locator("#searchbar").fill(text)
    page.locator("#changelist-search [type=submit]").click()


def import_students(product: Product, file: Path, *, mobile: str) -> None:
    """The student system's whole content, with this mobile of the student's."""
    rows = [dict(row) for row in sis_rows()]
    for row in rows:
        if row["systemID"] == CHRISTOS.system_id:
            row["mobilePhone"] = mobile
    write_csv(file, rows)
    product.manage("import_registry", str(file), "--kind", "sis")


def test_a_secretary_corrects_a_mobile_and_the_student_goes_on(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    sit_down(page)
    expect(page.locator(".office-tasks a").first).to_be_visible()
    axe(page)
    # In capitals, without accents, misspelt in Latin letters.
    search(page, f"{CHRISTOS.last_name.en.upper()} {CHRISTOS.first_name.en}".replace("CH", "X"))
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#result_list .field-why a").click()
    expect(page.locator(".conditions .fails .mark")).to_be_visible()
    axe(page)
    page.locator(".conditions .fails a").first.click()
    page.locator("#id_mobile_given").fill(CHRISTOS.mobile)
    page.locator("#id_mobile_given").fill(f"{CHRISTOS.mobile[:3]} {CHRISTOS.mobile[3:]}")
    expect(page.locator(".check").first).to_contain_text(RIGHT)
    axe(page)
    page.locator("[name=_continue]").click()
    expect(page.locator(PINS)).to_contain_text(RIGHT)
    # With its fragment it would be the same page again, not asked for anew.
    record = page.url.partition("#")[0]

    student = new_context(viewport=NARROW).new_page()
    assert activate(student, product, mobile=RIGHT) == CHRISTOS.username

    import_students(product, tmp_path / "old.csv", mobile=CHRISTOS.mobile)
    page.goto(record)
    expect(page.locator("#id_mobile_given")).to_have_value(RIGHT)
    expect(page.locator(PINS)).to_contain_text(RIGHT)
    import_students(product, tmp_path / "new.csv", mobile=RIGHT)
    page.goto(record)
    expect(page.locator("#id_mobile_given")).to_have_value(RIGHT)
    expect(page.locator(PINS)).to_have_count(0)
    page.goto(record.replace("/change/", "/history/"))
    expect(page.locator("#content-main")).to_contain_text(SECRETARIAT.username)
    axe(page)


def test_the_pages_fit_a_telephone(new_context: NewContext, product: Product) -> None:
    page = new_context(viewport=NARROW).new_page()
    sit_down(page)
    assert overflow(page) == 0
    search(page, CHRISTOS.registration_number)
    assert overflow(page) == 0
    page.locator("#result_list .field-why a").click()
    assert overflow(page) == 0
    page.locator(".office-buttons a").first.click()
    assert overflow(page) == 0
    page.locator(".object-tools a[href$='/history/']").click()
    assert overflow(page) == 0


def test_the_office_sees_where_a_student_stops(
    new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    student = new_context().new_page()
    reach_pin(student, mobile=MARIA)
    send(student, pin=wrong(product.pin_sent_to(MARIA)))
    expect(alert(student)).to_be_visible()

    page = new_context(viewport=NARROW).new_page()
    sit_down(page)
    page.locator(".office-tasks a[href$='/progress/']").click()
    expect(page.locator("#funnel tbody td")).to_have_text(["1", "–", "1", "0", "0", "1", "0", "0", "0", "0"])
    expect(page.locator("#reasons tbody td")).to_have_text(["1"])
    expect(page.get_by_role("img")).to_have_count(4)
    assert overflow(page) == 0
    axe(page)
    with page.expect_download() as download:
        page.locator(".exports [value=xlsx]").click()
    assert download.value.suggested_filename.startswith("progress-")
