"""Mobile and e-mail for recovery: added, changed, removed, undone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Account, AuditEvent, ContactChange, InboxMessage, Notice
from mypassword import contacts
from tests.activation.visitor import LIMITED, OK, alerts, page, pins_sent_to, value_of, wrong
from tests.mypassword.forgetful import (
    CONTACTS,
    VERIFY,
    VERIFY_NEW,
    Forgetful,
    forgetful,
    goes_to,
    links_sent_to,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NEW_MOBILE, NEW_EMAIL = "+306900000777", "new@example.org"


def stored(person: Forgetful) -> tuple[str, str]:
    account = Account.objects.get(pk=person.account.pk)
    return str(account.recovery_mobile or ""), account.recovery_email


def verify(person: Forgetful, address: str) -> Any:
    return person.post(VERIFY, pin=pins_sent_to(address)[0])


# ---- A new one ----------------------------------------------------------------------------------------------------


def test_what_is_stored_stands_in_the_form() -> None:
    person = forgetful(signed_in=True)
    mobile, email = stored(person)
    answer = person.get(CONTACTS)
    assert (value_of(answer, "mobile"), value_of(answer, "email")) == (mobile, email)


@pytest.mark.parametrize(("kind", "new"), [("mobile", NEW_MOBILE), ("email", NEW_EMAIL)])
def test_a_new_contact_counts_once_its_pin_was_typed(kind: str, new: str) -> None:
    person = forgetful(signed_in=True)
    before = stored(person)
    assert goes_to(person.change(**{kind: new})) == VERIFY
    assert stored(person) == before
    assert "waits for its PIN" in page(person.get(CONTACTS))
    assert [address for address in before if pins_sent_to(address)] == []
    assert goes_to(verify(person, new)) == CONTACTS
    expected = {"mobile": (new, before[1]), "email": (before[0], new)}[kind]
    assert stored(person) == expected
    assert person.is_signed_in()


def test_the_replaced_contact_and_the_other_one_are_told_and_the_new_one_is_not() -> None:
    person = forgetful(signed_in=True)
    mobile, email = stored(person)
    person.change(mobile=NEW_MOBILE)
    verify(person, NEW_MOBILE)
    assert len(links_sent_to(mobile)) == len(links_sent_to(email)) == 1
    assert links_sent_to(NEW_MOBILE) == []
    assert Notice.objects.get().subject == "contact_changed"
    assert "contact changed" in InboxMessage.objects.get(to=mobile).text
    assert AuditEvent.objects.get(act="contact.changed").details == {"kind": "mobile"}


def test_a_contact_is_added_and_only_the_other_one_is_told() -> None:
    person = forgetful(signed_in=True, recovery_mobile="")
    person.change(mobile=NEW_MOBILE)
    verify(person, NEW_MOBILE)
    assert stored(person)[0] == NEW_MOBILE
    assert len(links_sent_to(person.account.recovery_email)) == 1
    assert Notice.objects.get().subject == "contact_added"


def test_the_first_contact_of_an_account_is_added_with_nobody_to_tell() -> None:
    person = forgetful(signed_in=True, recovery_mobile="", recovery_email="")
    assert "only the helpdesk can help you" in page(person.get(CONTACTS))
    person.change(email=NEW_EMAIL)
    verify(person, NEW_EMAIL)
    assert stored(person) == ("", NEW_EMAIL)
    assert not Notice.objects.exists()


def test_both_at_once_are_proved_one_after_the_other() -> None:
    person = forgetful(signed_in=True)
    old = stored(person)
    assert goes_to(person.change(mobile=NEW_MOBILE, email=NEW_EMAIL)) == VERIFY
    assert pins_sent_to(NEW_EMAIL) == []
    assert goes_to(verify(person, NEW_MOBILE)) == VERIFY
    assert stored(person) == (NEW_MOBILE, old[1])
    assert "n•••••@example.org" in page(person.get(VERIFY))
    assert goes_to(verify(person, NEW_EMAIL)) == CONTACTS
    assert stored(person) == (NEW_MOBILE, NEW_EMAIL)
    assert goes_to(person.get(VERIFY)) == CONTACTS


def test_a_change_ends_the_other_sessions_and_not_this_one() -> None:
    person = forgetful(signed_in=True)
    other = person.elsewhere()
    other.sign_in()
    cookie = person.cookies()["sessionid"]
    person.change(mobile=NEW_MOBILE)
    assert other.is_signed_in()
    verify(person, NEW_MOBILE)
    assert (person.is_signed_in(), other.is_signed_in()) == (True, False)
    assert person.cookies()["sessionid"] != cookie


@pytest.mark.parametrize("address", ["maria@uregister.example", "maria@student.uregister.example"])
def test_an_address_of_the_institution_is_refused(address: str) -> None:
    person = forgetful(signed_in=True)
    answer = person.change(email=address)
    assert "Type an address outside the university." in alerts(answer)
    assert value_of(answer, "email") == address
    assert not ContactChange.objects.exists()


def test_the_same_again_changes_nothing_and_sends_nothing() -> None:
    person = forgetful(signed_in=True)
    assert goes_to(person.change()) == CONTACTS
    assert "Nothing has changed." in page(person.get(CONTACTS))
    assert not ContactChange.objects.exists()


# ---- Removal ------------------------------------------------------------------------------------------------------


def test_removing_one_of_two_is_asked_about_and_counts_at_once() -> None:
    person = forgetful(signed_in=True)
    mobile, email = stored(person)
    answer = person.change(mobile="")
    assert (answer.status_code, stored(person)) == (OK, (mobile, email))
    assert "Your other contact stays" in page(answer)
    assert goes_to(person.change(mobile="", removal_understood="on")) == CONTACTS
    assert stored(person) == ("", email)
    assert person.is_signed_in()
    assert len(links_sent_to(mobile)) == len(links_sent_to(email)) == 1
    assert Notice.objects.get().subject == "contact_removed"


def test_removing_the_last_one_says_what_that_means() -> None:
    person = forgetful(signed_in=True, recovery_email="")
    mobile = stored(person)[0]
    answer = page(person.change(mobile=""))
    assert "It is the last one" in answer
    assert "you will have to go to the helpdesk in person" in answer
    person.change(mobile="", removal_understood="on")
    assert stored(person) == ("", "")
    assert links_sent_to(mobile)


def test_removing_both_makes_two_changes_that_can_each_be_undone() -> None:
    person = forgetful(signed_in=True)
    before = stored(person)
    person.change(mobile="", email="", removal_understood="on")
    assert stored(person) == ("", "")
    person.elsewhere().post(links_sent_to(before[0])[-1])
    assert stored(person) == before


def test_removing_one_and_changing_the_other_needs_the_other_s_pin_only() -> None:
    person = forgetful(signed_in=True)
    email = stored(person)[1]
    assert "Remove a contact?" in page(person.change(mobile="", email=NEW_EMAIL))
    assert goes_to(person.change(mobile="", email=NEW_EMAIL, removal_understood="on")) == VERIFY
    assert stored(person) == ("", email)
    verify(person, NEW_EMAIL)
    assert stored(person) == ("", NEW_EMAIL)


# ---- Undoing ------------------------------------------------------------------------------------------------------


def test_the_old_contact_undoes_the_change_for_72_hours() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person, late = forgetful(signed_in=True), forgetful(signed_in=True)
        before, links = {}, {}
        for one in (person, late):
            before[one] = stored(one)
            one.change(mobile=NEW_MOBILE)
            verify(one, NEW_MOBILE)
            links[one] = links_sent_to(before[one][0])[0]
            clock.shift(60)
        clock.shift(timedelta(hours=71, minutes=57, seconds=59))
        person.elsewhere().post(links[person])
        assert stored(person) == before[person]
        clock.shift(62)
        assert "This link no longer works" in page(late.elsewhere().post(links[late]))
        assert stored(late) == (NEW_MOBILE, before[late][1])


def test_an_earlier_change_undoes_the_later_ones() -> None:
    """Whoever took the account changes the mobile twice and the e-mail once: the first notice puts both back."""
    person = forgetful(signed_in=True)
    before = stored(person)
    for field, new in (("mobile", NEW_MOBILE), ("email", NEW_EMAIL), ("mobile", "+306900000778")):
        person.change(**{field: new})
        verify(person, new)
    thiefs = links_sent_to(NEW_MOBILE)[0]
    person.elsewhere().post(links_sent_to(before[0])[-1])
    assert stored(person) == before
    assert not person.is_signed_in()
    # The thief got links too, at the contacts of those days: they are void.
    assert "This link no longer works" in page(person.elsewhere().post(thiefs))


def test_the_thief_s_own_link_does_not_spend_the_owner_s() -> None:
    person = forgetful(signed_in=True)
    before = stored(person)
    for new in (NEW_MOBILE, "+306900000778"):
        person.change(mobile=new)
        verify(person, new)
    person.elsewhere().post(links_sent_to(NEW_MOBILE)[0])
    assert stored(person)[0] == NEW_MOBILE
    person.elsewhere().post(links_sent_to(before[0])[-1])
    assert stored(person) == before


# ---- The PIN ------------------------------------------------------------------------------------------------------


def test_a_wrong_pin_changes_nothing_and_is_counted() -> None:
    person = forgetful(signed_in=True)
    before = stored(person)
    person.change(mobile=NEW_MOBILE)
    pin = pins_sent_to(NEW_MOBILE)[0]
    for turn in range(1, 6):
        answer = person.post(VERIFY, pin=wrong(pin, turn))
        assert answer.status_code == OK
    assert "mistyped five times" in alerts(answer)
    assert "mistyped five times" in alerts(person.post(VERIFY, pin=pin))
    assert stored(person) == before


def test_a_new_pin_may_be_asked_for_and_only_it_counts() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = forgetful(signed_in=True)
        person.change(mobile=NEW_MOBILE)
        old = pins_sent_to(NEW_MOBILE)[0]
        assert person.post(VERIFY_NEW).status_code == LIMITED
        clock.shift(30)
        assert goes_to(person.post(VERIFY_NEW)) == VERIFY
        assert goes_to(person.get(VERIFY_NEW)) == VERIFY
        assert "replaced by a newer one" in alerts(person.post(VERIFY, pin=old))
        assert goes_to(verify(person, NEW_MOBILE)) == CONTACTS


def test_a_later_wish_replaces_the_earlier_one() -> None:
    person = forgetful(signed_in=True)
    person.change(mobile=NEW_MOBILE)
    person.change(mobile="+306900000778")
    answer = verify(person, NEW_MOBILE)
    assert "Wrong PIN." in alerts(answer)
    assert goes_to(verify(person, "+306900000778")) == CONTACTS
    assert stored(person)[0] == "+306900000778"


def test_an_unproved_contact_dies_after_an_hour_and_with_the_password() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        person = forgetful(signed_in=True)
        person.change(mobile=NEW_MOBILE)
        clock.shift(timedelta(minutes=9))
        person.elsewhere().recover(channel="email")
        assert goes_to(person.post(VERIFY, pin=pins_sent_to(NEW_MOBILE)[0])).startswith("/mypassword/login/")
        slow = forgetful(signed_in=True)
        slow.change(mobile=NEW_MOBILE)
        ContactChange.objects.update(expires_at=NOON)
        assert goes_to(slow.post(VERIFY, pin=pins_sent_to(NEW_MOBILE)[0])) == CONTACTS
        assert stored(slow)[0] != NEW_MOBILE


# ---- Guards and limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CONTACTS, VERIFY, VERIFY_NEW])
def test_nobody_comes_here_without_a_recent_sign_in(path: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert goes_to(forgetful().get(path)) == f"/mypassword/login/?next={path}"
        person = forgetful(signed_in=True)
        clock.shift(timedelta(minutes=30))
        assert goes_to(person.get(path)).startswith("/mypassword/login/again/")
        assert goes_to(person.post(path, mobile=NEW_MOBILE)).startswith("/mypassword/login/again/")
        assert not ContactChange.objects.exists()


def test_without_a_change_there_is_no_pin_to_type() -> None:
    person = forgetful(signed_in=True)
    assert goes_to(person.get(VERIFY)) == CONTACTS
    assert goes_to(person.post(VERIFY, pin="123456")) == CONTACTS
    assert "waits for a PIN any more" in page(person.get(CONTACTS))


def test_changes_are_limited(limit: Any) -> None:
    limit("contacts:account", "2 per day")
    person = forgetful(signed_in=True)
    answers = [person.change(mobile=f"+30690000077{turn}") for turn in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, LIMITED]
    assert value_of(answers[-1], "mobile") == "+306900000772"


def test_a_second_contact_waits_for_its_pin_when_a_limit_was_hit(limit: Any) -> None:
    limit("pin-send:person", "1 per day")
    person = forgetful(signed_in=True)
    person.change(mobile=NEW_MOBILE, email=NEW_EMAIL)
    assert goes_to(verify(person, NEW_MOBILE)) == VERIFY
    assert stored(person)[0] == NEW_MOBILE
    assert "No PIN has been sent yet." in page(person.get(VERIFY))


def test_an_account_without_a_person_has_contacts_too() -> None:
    person = forgetful(signed_in=True, person=None, affiliation=None)
    person.change(mobile=NEW_MOBILE)
    verify(person, NEW_MOBILE)
    assert stored(person)[0] == NEW_MOBILE
    assert contacts.stored(Account.objects.get(pk=person.account.pk))["mobile"] == NEW_MOBILE
