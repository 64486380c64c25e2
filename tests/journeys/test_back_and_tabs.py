"""The back button, a second tab, steps out of turn: nothing is lost, nothing is sent twice, nobody is stuck."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people, walking
from tests.services.product import Product


def test_back_from_contact_to_another_role(page: Page, product: Product) -> None:
    walking.choose_role(page, "student")
    page.go_back()
    page.locator("[value=staff]").check()
    walking.press(walking.form_with(page, "role"))
    walking.give_contact(page, mobile=people.KOSTAS)
    walking.at_step(page, "pin")


def test_back_from_pin_and_on_again(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    page.go_back()
    walking.at_step(page, "contact")
    expect(page.locator("[name=mobile]")).to_have_value(people.MARIA)

    walking.press(walking.form_with(page, "mobile"))

    walking.give_pin(page, product, sent_to=people.MARIA)
    walking.at_step(page, "confirm")
    assert len(product.messages_to(people.MARIA)) == 1


def test_back_from_pin_to_correct_the_contact(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    page.go_back()
    walking.give_contact(page, mobile=people.SOFIA)
    walking.give_pin(page, product, sent_to=people.SOFIA)
    walking.at_step(page, "confirm")
    expect(page.locator("[data-fact=username]")).to_contain_text("nur2620008")


def test_back_from_pin_to_the_amka(page: Page, product: Product) -> None:
    walking.choose_role(page)
    walking.give_contact(page, mobile=people.NIKOS)
    walking.send(page, amka=people.NIKOS_AMKA)
    walking.at_step(page, "pin")
    page.go_back()
    walking.at_step(page, "insurance")

    walking.send(page, amka=people.NIKOS_AMKA)

    walking.give_pin(page, product, sent_to=people.NIKOS)
    walking.at_step(page, "confirm")
    assert len(product.messages_to(people.NIKOS)) == 1


def test_back_from_confirm_does_not_ask_for_the_pin_again(page: Page, product: Product) -> None:
    walking.walk_to_confirm(page, product, mobile=people.MARIA)
    page.go_back()
    walking.at_step(page, "confirm")
    walking.confirm(page)
    walking.at_step(page, "password")


def test_back_from_password_to_change_the_contacts_choice(page: Page, product: Product) -> None:
    walking.walk_to_password(page, product, mobile=people.MARIA)
    page.go_back()
    walking.confirm(page, store_contacts=False)
    walking.set_password(page)
    walking.username(page)
    assert product.sql("SELECT recovery_mobile FROM accounts_account WHERE person_id IS NOT NULL") == [("",)]


def test_back_from_done_shows_done(page: Page, product: Product) -> None:
    walking.activate(page, product, mobile=people.MARIA)
    for _ in range(3):
        page.go_back()
        assert walking.username(page) == people.MARIA_USERNAME


def test_reload_of_every_step(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    page.reload()
    walking.give_pin(page, product, sent_to=people.MARIA)
    walking.at_step(page, "confirm")
    page.reload()
    walking.confirm(page)
    walking.at_step(page, "password")
    page.reload()
    walking.set_password(page)
    walking.at_step(page, "done")
    page.reload()
    assert walking.username(page) == people.MARIA_USERNAME
    assert len(product.messages_to(people.MARIA)) == 1


@pytest.mark.parametrize("step", ["clarify", "insurance", "confirm", "password", "done"])
def test_step_out_of_turn_leads_to_the_due_one(page: Page, step: str) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    page.goto(f"/activation/{step}/")
    walking.at_step(page, "pin")


@pytest.mark.parametrize("step", ["contact", "clarify", "insurance", "pin", "confirm", "password", "done"])
def test_step_without_a_beginning_leads_to_the_first(page: Page, step: str) -> None:
    page.goto(f"/activation/{step}/")
    expect(page.locator("[name=role]").first).to_be_visible()
    expect(page).to_have_url("/activation/")


def test_contact_changed_in_a_second_tab(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    older = product.pin_sent_to(people.MARIA)
    tab = page.context.new_page()
    tab.goto("/activation/contact/")
    walking.give_contact(tab, email=people.MARIA_EMAIL)
    walking.at_step(tab, "pin")

    walking.send(page, pin=older)
    expect(walking.alert(page)).to_be_visible()
    expect(page.locator(".deliveries")).to_contain_text("example.org")

    walking.send(page, pin=product.pin_sent_to(people.MARIA_EMAIL))
    walking.at_step(page, "confirm")
    tab.reload()
    walking.at_step(tab, "confirm")


def test_finished_in_a_second_tab(page: Page, product: Product) -> None:
    walking.walk_to_password(page, product, mobile=people.MARIA)
    tab = page.context.new_page()
    tab.goto("/activation/password/")
    walking.set_password(tab)
    walking.username(tab)

    walking.set_password(page)

    assert walking.username(page) == people.MARIA_USERNAME


def test_begun_anew_in_a_second_tab(page: Page, product: Product) -> None:
    """The new beginning counts; the old tab follows it and opens nothing."""
    walking.walk_to_password(page, product, mobile=people.MARIA)
    tab = page.context.new_page()
    walking.walk_to_pin(tab, mobile=people.SOFIA)

    walking.set_password(page)

    walking.at_step(page, "pin")
    assert product.sql("SELECT count(*) FROM accounts_account WHERE person_id IS NOT NULL") == [(0,)]


def test_same_pin_in_two_tabs(page: Page, product: Product) -> None:
    walking.walk_to_pin(page, mobile=people.MARIA)
    tab = page.context.new_page()
    tab.goto("/activation/pin/")
    pin = product.pin_sent_to(people.MARIA)
    for each in (page, tab):
        walking.send(each, pin=pin)
        walking.at_step(each, "confirm")
