"""Changing the password."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from accounts import access
from accounts.models import AuditEvent, InboxMessage
from accounts.passwords import suggest
from tests.activation.visitor import LIMITED, OK, alerts, elements, page, text, value_of
from tests.mypassword.holder import PASSWORD, Holder, code_of, goes_to, holder

pytestmark = pytest.mark.django_db

NEW = "thalassa-19-Kymata"
PATH = "/mypassword/password/"


def signed_in(**fields: Any) -> Holder:
    visitor = holder(**fields)
    visitor.sign_in()
    if fields.get("app"):
        visitor.give_code(code_of(visitor.account))
    return visitor


def change(visitor: Holder, *, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    return visitor.post(PATH, current_password=current, password1=new, password2=new if again is None else again)


def password_of(visitor: Holder) -> str:
    visitor.account.refresh_from_db()
    return visitor.account.password


def test_the_new_password_counts_and_the_old_one_does_not() -> None:
    visitor = signed_in()
    assert goes_to(change(visitor)) == "/mypassword/"
    assert "Your password has been changed." in page(visitor.get("/mypassword/"))
    assert "Wrong" in alerts(visitor.in_another_browser().sign_in())
    assert goes_to(visitor.in_another_browser().sign_in(password=NEW)) == "/mypassword/"
    assert NEW not in page(visitor.get(PATH))


def test_all_other_sessions_end_and_this_one_goes_on_with_its_second_factor() -> None:
    visitor = signed_in(app=True)
    other = visitor.in_another_browser()
    for name, morsel in visitor.client.cookies.items():
        other.client.cookies[name] = morsel.value
    assert other.get(PATH).status_code == OK
    change(visitor)
    assert visitor.get(PATH).status_code == OK
    assert "otp_device_id" in visitor.client.session
    assert goes_to(other.get(PATH)) == f"/mypassword/login/?next={PATH}"
    assert goes_to(change(other, current=NEW, new=PASSWORD)) == f"/mypassword/login/?next={PATH}"
    assert check_password(NEW, password_of(visitor))


def test_the_contacts_are_told_and_the_trail_knows() -> None:
    visitor = signed_in(recovery_email="owner@example.org")
    change(visitor)
    told = InboxMessage.objects.get(to="owner@example.org")
    assert NEW not in told.text + told.subject
    event = AuditEvent.objects.get(act="password.changed")
    assert (event.actor, event.account, event.outcome, event.address) == (
        visitor.account, visitor.account, "done", "127.0.0.1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"current": "wrong"}, "This is not your password."),
        ({"current": ""}, "Type your current password."),
        ({"new": "short"}, "At least 10 characters"),
        ({"new": "κωδικός-στα-ελληνικά"}, "Only Latin letters"),
        ({"new": "password123"}, "Not a common password"),
        ({"new": "Papadopoulou-2026"}, "Without your username, name"),
        ({"new": PASSWORD}, "This is the password you already have."),
        ({"again": "thalassa-19-Kymat"}, "The two passwords differ."),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(fields: dict[str, str], message: str) -> None:
    visitor = signed_in(recovery_email="owner@example.org")
    before = password_of(visitor)
    answer = change(visitor, **fields)
    assert answer.status_code == OK
    assert message in alerts(answer)
    assert password_of(visitor) == before
    assert not InboxMessage.objects.exists()
    assert {value_of(answer, name) for name in ("current_password", "password1", "password2")} == {""}


def test_guesses_of_the_current_password_are_limited(limit: Any) -> None:
    limit("password-again:account", "1 per 5 minutes")
    visitor = signed_in()
    change(visitor, current="wrong")
    answer = change(visitor)
    assert answer.status_code == LIMITED
    assert int(answer["Retry-After"]) > 0
    assert AuditEvent.objects.filter(act="password.confirmed", outcome="refused", account=visitor.account).count() == 1


def test_an_account_that_changed_meanwhile_is_not_changed_again() -> None:
    visitor = holder()
    stale = type(visitor.account).objects.get(pk=visitor.account.pk)
    access.change_password(visitor.account, password_hash="first", act="password.changed")
    with pytest.raises(access.Overtaken):
        access.change_password(stale, password_hash="second", act="password.changed")
    assert password_of(visitor) == "first"


def test_the_page_knows_the_persons_names_but_not_the_insurance_number() -> None:
    visitor = signed_in()
    record = visitor.account.affiliation
    assert record
    fragments = dict(elements(visitor.get(PATH), id="password-rules")[0].attributes)["data-fragments"].split("|")
    assert {record.username, "Papadopoulou", record.registration_number} <= set(fragments)
    assert record.insurance_number not in page(visitor.get(PATH))


def test_a_suggestion_is_another_one_each_time_and_may_be_taken() -> None:
    visitor = signed_in()
    first, second = (text(elements(visitor.get(PATH), id="suggestion")[0]) for _turn in range(2))
    assert first != second
    assert goes_to(change(visitor, new=second)) == "/mypassword/"


def test_a_suggestion_has_the_strength_it_claims() -> None:
    """Twelve syllables of 80; over many, each of the 16 consonants and 5 vowels comes up about as often."""
    made = [suggest() for _turn in range(2000)]
    assert all(
        re.fullmatch(r"(?:(?:[bdfghjklmnprstvz][aeiou]){3}-){3}(?:[bdfghjklmnprstvz][aeiou]){3}", one) for one in made
    )
    letters = "".join(made)
    for alphabet in ("bdfghjklmnprstvz", "aeiou"):
        fair = 24000 / len(alphabet)
        assert all(0.8 < letters.count(letter) / fair < 1.2 for letter in alphabet)


def test_staff_without_a_record_change_theirs() -> None:
    visitor = holder(person=None, affiliation=None)
    visitor.sign_in()
    assert "Without your username" in alerts(change(visitor, new=f"{visitor.account.username}-Kymata-1"))
    assert goes_to(change(visitor)) == "/mypassword/"
