"""The helpdesk in the browser: somebody calls, somebody comes, somebody is not to be touched."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from accounts.demo.models import CODE
from accounts.demo.staff import HELPDESK
from tests.journeys import owning
from tests.journeys.accessibility import overflow
from tests.journeys.complaints import Complaints
from tests.journeys.conftest import NewContext
from tests.journeys.walking import PASSWORD, press, send
from tests.services.product import Product

NEW = "thalassa-19-Kymata"
REASON = "Lost the password, called the helpdesk"
RESET_CODE = re.compile(r"\b(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}\b")
# As little as a caller says: no accents, the first name first, misspelt in Latin letters.
CALLED = "maria papadopulu"


def sit_down(page: Page) -> None:
    """Sign in as the demo's helpdesk."""
    owning.sign_in(page, username=HELPDESK.username, password=HELPDESK.password)
    owning.at(page, "login/code/")
    send(page, code=CODE)
    owning.at(page, "")


def find(page: Page, query: str, *, username: str = owning.USERNAME) -> None:
    """Search, and open the person with this username, by the only way there is: the list."""
    page.goto("/mypassword/helpdesk/")
    send(page, query=query)
    owning.at(page, "helpdesk/")
    page.locator(".hits h3 a").first.click()
    owning.at(page, r"helpdesk/\d+/")
    expect(page.locator("[data-fact=username] dd, [data-fact=record_username] dd").first).to_have_text(username)


def act(page: Page, slug: str, **fields: str) -> Locator:
    """Fill in the form of an act and send it off."""
    block = page.locator(f"details#{slug}")
    if block.get_attribute("open") is None:
        block.locator("summary").click()
    for name, value in fields.items():
        field = block.locator(f"[name={name}]")
        if name == "channel":
            block.locator(f"[name=channel][value={value}]").check()
        elif name == "field":
            field.select_option(value)
        elif name == "identity_seen":
            field.check()
        else:
            field.fill(value)
    press(block.locator("form"))
    return block


def set_new_password(page: Page) -> None:
    owning.at(page, "forgotten/password/")
    send(page, password1=NEW, password2=NEW)
    owning.at(page, "forgotten/done/")


def test_a_caller_is_found_verified_and_gets_a_code(
    page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    owning.open_account(product)
    sit_down(page)
    page.locator("main a[href='/mypassword/helpdesk/']").click()
    axe(page)
    find(page, CALLED)
    axe(page)
    for secret in (owning.MOBILE, owning.EMAIL):
        assert secret not in page.content()
    expect(page.locator("#verified")).to_have_count(0)
    act(page, "caller", channel="sms", reason=REASON)
    expect(page.locator("details#caller-code")).to_have_attribute("open", "")
    said = product.pin_sent_to(owning.MOBILE)
    assert said not in page.content()
    axe(page)
    act(page, "caller-code", pin=f"{(int(said) + 1) % 10**6:06}")
    expect(owning.alert(page)).to_be_visible()
    expect(page.locator("#verified")).to_have_count(0)
    act(page, "caller-code", pin=said)
    expect(page.locator("#verified")).to_be_visible()
    act(page, "reset-message", channel="sms", reason=REASON)
    expect(page.locator("main .alert--success").first).to_be_visible()
    axe(page)
    found = RESET_CODE.search(product.messages_to(owning.MOBILE)[0]["text"])
    assert found
    assert found[0] not in page.content()
    person = new_context().new_page()
    person.goto("/mypassword/forgotten/code/")
    send(person, username=owning.USERNAME, code=found[0].lower())
    set_new_password(person)
    owning.let_in(person, password=NEW)


def test_somebody_without_contacts_gets_a_letter(
    english_page: Page, new_context: NewContext, product: Product, axe: Callable[[Page], None]
) -> None:
    page = english_page
    owning.open_account(product, recovery_mobile="", recovery_email="", language="en")
    sit_down(page)
    find(page, "ΠΑΠΑΔΟΠΟΥΛΟΥ ΜΑΡΙΑ")
    for slug in ("caller", "caller-code", "reset-message", "unblock"):
        expect(page.locator(f"details#{slug}")).to_have_count(0)
    act(page, "reset-letter", reason=REASON)
    expect(owning.alert(page)).to_contain_text("whose identity card you have seen")
    expect(page.locator("details#reset-letter [name=reason]")).to_have_value(REASON)
    axe(page)
    act(page, "reset-letter", identity_seen="yes", reason=REASON)
    code = page.locator("#reset-code").inner_text()
    assert RESET_CODE.fullmatch(code)
    assert code not in page.url
    axe(page)
    picture = page.locator("img.qr")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 100")
    page.emulate_media(media="print")
    for hidden in (".header", ".footer", ".on-screen"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#reset-code")).to_be_visible()
    # What the QR code leads to: the code is brought along, and is gone from the address.
    person = new_context(locale="en-GB").new_page()
    person.goto(f"/mypassword/forgotten/code/#{code}")
    expect(person.locator("[name=code]")).to_have_value(code)
    owning.at(person, "forgotten/code/")
    axe(person)
    send(person, username=owning.USERNAME)
    set_new_password(person)
    owning.let_in(person, password=NEW)


def test_without_javascript_on_a_telephone(plain_page: Page, product: Product) -> None:
    page = plain_page
    page.set_viewport_size({"width": 375, "height": 700})
    owning.open_account(product)
    sit_down(page)
    find(page, "6900000001")
    assert overflow(page) <= 0
    act(page, "unmask", field="recovery_mobile", reason="short")
    expect(owning.alert(page)).to_be_visible()
    act(page, "unmask", field="recovery_mobile", reason=REASON)
    expect(page.locator("#unmasked")).to_contain_text(owning.MOBILE)
    assert overflow(page) <= 0
    act(page, "block", reason=REASON)
    expect(page.locator(".state--account-blocked")).to_be_visible()
    expect(page.locator("#unmasked")).to_have_count(0)
    act(page, "reset-letter", identity_seen="yes", reason=REASON)
    code = page.locator("#reset-code").inner_text()
    assert overflow(page) <= 0
    page.goto("/mypassword/forgotten/code/")
    send(page, username=owning.USERNAME, code=code.replace("-", " "))
    set_new_password(page)


def test_a_language_chosen_on_an_answer_leads_back_to_the_person(page: Page, product: Product) -> None:
    owning.open_account(product)
    sit_down(page)
    find(page, CALLED)
    act(page, "unmask", field="recovery_mobile", reason=REASON)
    expect(page.locator("#unmasked")).to_be_visible()
    page.locator(".language button").click()
    owning.at(page, r"helpdesk/\d+/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#unmasked")).to_have_count(0)


def test_nobody_else_gets_there(page: Page, product: Product, complaints: Complaints) -> None:
    complaints.expect("404")
    owning.open_account(product)
    owning.let_in(page, password=PASSWORD)
    expect(page.locator("main a[href='/mypassword/helpdesk/']")).to_have_count(0)
    for path in ("", "1/", "1/block/", "99999999/"):
        answer = page.goto(f"/mypassword/helpdesk/{path}")
        assert answer
        assert answer.status == 404


def test_many_people_and_nobody(narrow_page: Page, product: Product, axe: Callable[[Page], None]) -> None:
    page = narrow_page
    sit_down(page)
    page.goto("/mypassword/helpdesk/")
    send(page, query="papa")
    expect(page.locator(".hits > li")).to_have_count(20)
    expect(page.locator("main .notice")).to_be_visible()
    assert overflow(page) <= 0
    axe(page)
    send(page, query="xyzxyzxyz")
    expect(page.locator(".hits")).to_have_count(0)
    expect(page.locator("#results")).to_be_visible()
    axe(page)
