"""The errors of a record, in the words people know, and what the screen adds to them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import people, walking, words
from tests.services.processes import private_directory
from tests.services.product import Product, served

EMPTY = "()"
HELPDESK = "a[href='mailto:helpdesk@uregister.example']"


def trouble(page: Page) -> Locator:
    return page.locator("main section.alert--error")


def give(page: Page, *, role: str = "student", mobile: str = "", email: str = "") -> None:
    walking.reach_contact(page, role)
    walking.give_contact(page, mobile=mobile, email=email)


@pytest.mark.parametrize(
    ("role", "contact"),
    [
        ("student", {"mobile": people.NOBODY}),
        ("student", {"email": "nobody@example.org"}),
        ("student", {"mobile": people.WITHOUT_PREFIX}),
        ("student", {"mobile": people.MARIA, "email": "nikos@example.org"}),
        ("staff", {"mobile": people.MARIA}),
        ("student", {"mobile": people.KOSTAS}),
    ],
    ids=["mobile", "email", "record without prefix", "two records", "student as staff", "staff as student"],
)
def test_nobody_has_this_contact(page: Page, product: Product, role: str, contact: dict[str, str]) -> None:
    give(page, role=role, **contact)

    expect(walking.alert(page)).to_contain_text(words.NOT_FOUND)
    expect(walking.alert(page)).to_be_focused()
    expect(trouble(page)).to_contain_text("+30")
    expect(trouble(page).locator(HELPDESK)).to_be_visible()
    walking.at_step(page, "contact")
    assert product.json("/demo/inbox.json") == []


def test_who_to_ask_depends_on_the_role(page: Page) -> None:
    give(page, role="student", mobile=people.NOBODY)
    expect(trouble(page).locator(".office")).to_contain_text("ραμματεία")
    give(page, role="staff", mobile=people.NOBODY)
    expect(trouble(page).locator(".office")).to_contain_text("ροσωπικού")


def test_what_was_typed_stays_and_can_be_put_right(page: Page) -> None:
    give(page, mobile=people.NOBODY)
    expect(page.locator("[name=mobile]")).to_have_value(people.NOBODY)
    walking.give_contact(page, mobile=people.MARIA)
    walking.at_step(page, "pin")


def test_record_without_username(page: Page, product: Product) -> None:
    give(page, mobile=people.ANNA)

    expect(walking.alert(page)).to_contain_text(words.INCOMPLETE)
    values = page.locator(".values li span").all_inner_texts()
    assert values[0] == EMPTY
    assert len(values) == 4
    assert all(value.startswith("(") and value != EMPTY for value in values[1:])
    expect(trouble(page).locator("a[href='mailto:nur@example.org']")).to_be_visible()
    assert product.json("/demo/inbox.json") == []


def test_record_without_birth_date_and_country(page: Page, product: Product) -> None:
    product.sql(
        "UPDATE registry_affiliation SET birth_date = NULL, insurance_country = '' WHERE mobile = ?", people.MARIA
    )
    give(page, mobile=people.MARIA)

    expect(walking.alert(page)).to_contain_text(words.INCOMPLETE)
    values = page.locator(".values li span").all_inner_texts()
    assert [value == EMPTY for value in values] == [False, False, True, True]


def test_amka_of_the_record_disagrees(page: Page) -> None:
    give(page, mobile=people.GIORGOS)

    expect(walking.alert(page)).to_contain_text(words.AMKA_FAILED)
    expect(page.locator(".values li")).to_have_count(3)
    expect(trouble(page)).to_contain_text("amka.gr")
    expect(trouble(page)).to_contain_text("ΚΕΠ")
    expect(trouble(page).locator("a[href='mailto:civ@example.org']")).to_be_visible()
    expect(trouble(page).locator(HELPDESK)).to_be_visible()


@pytest.mark.parametrize(
    ("mobile", "secrets"),
    [(people.ANNA, ["Κωνσταντινίδου", "03/11/2007", "0311"]), (people.GIORGOS, ["Αντωνίου", "21/03/2007", "1203"])],
)
def test_values_are_masked(page: Page, mobile: str, secrets: list[str]) -> None:
    """Whoever stands here has proved nothing yet."""
    give(page, mobile=mobile)
    expect(page.locator(".values")).to_be_visible()
    shown = page.content()
    assert [secret for secret in secrets if secret in shown] == []


def test_already_activated(page: Page, english_page: Page, product: Product) -> None:
    walking.activate(page, product, mobile=people.MARIA)
    sent = len(product.json("/demo/inbox.json"))

    give(english_page, mobile=people.MARIA)

    expect(walking.alert(english_page)).to_have_text("Your account has already been activated.")
    expect(english_page.locator("main")).to_contain_text("only once")
    english_page.locator("main").get_by_role("link", name="MyPassword").click()
    expect(english_page).to_have_url(f"{product.url}/mypassword/login/?next=/mypassword/")
    assert len(product.json("/demo/inbox.json")) == sent


@pytest.mark.parametrize(
    ("contact", "field"),
    [({"mobile": "69ΑΒ"}, "mobile"), ({"email": "maria@"}, "email"), ({"email": "x@campus.example.org"}, "email")],
)
def test_mistyped_contact_is_an_error_of_its_field(page: Page, contact: dict[str, str], field: str) -> None:
    give(page, **contact)
    expect(page.locator(f"[name={field}]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"[name={field}]")).to_have_value(contact[field])
    page.locator(f"#error-summary a[href='#id_{field}']").click()
    expect(page.locator(f"[name={field}]")).to_be_focused()


def test_no_contact_at_all(page: Page) -> None:
    give(page)
    expect(walking.alert(page)).to_be_focused()
    walking.at_step(page, "contact")


def test_no_role_chosen(page: Page) -> None:
    page.goto("/activation/")
    walking.press(walking.form_with(page, "role"))
    expect(walking.alert(page)).to_be_focused()
    page.locator("#error-summary a").click()
    expect(page.locator("[name=role]").first).to_be_focused()


def test_too_many_tries(english_page: Page, strict: Product) -> None:
    english_page.goto(f"{strict.url}/activation/")
    english_page.locator("[value=student]").check()
    walking.press(walking.form_with(english_page, "role"))
    walking.give_contact(english_page, mobile=people.NOBODY)
    expect(walking.alert(english_page)).to_contain_text("No user was found")

    with english_page.expect_response("**/activation/contact/") as answer:
        walking.give_contact(english_page, mobile=people.NOBODY)

    assert answer.value.status == 429
    assert int(answer.value.headers["retry-after"]) > 3000
    expect(walking.alert(english_page)).to_contain_text("Too many attempts. Try again in")
    expect(english_page.locator("[name=mobile]")).to_have_value(people.NOBODY)


@pytest.fixture
def strict() -> Iterator[Product]:
    """A product of its own, in which a contact may be looked up once."""
    limits = '{"lookup:contact": "1 per hour"}'
    with private_directory("strict") as state, served(state, demo_people=False, LIMITS=limits) as product:
        yield product
