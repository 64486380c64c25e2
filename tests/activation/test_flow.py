"""The attempt's row and key: what opens it, what clears it, what happens twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session

from accounts.models import Account, AuditEvent, Message, Pin
from activation import attempts, flow, refusals
from activation.models import Activation, Reached
from registry import corrections
from tests.activation.visitor import (
    PASSWORD,
    STEPS,
    Visitor,
    alerts,
    elements,
    goes_to,
    page,
    pins_sent_to,
    wrong,
)
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def attempt() -> Activation:
    return Activation.objects.get()


def opens_nothing(tab: Visitor) -> bool:
    """No screen beyond the first shows itself to this browser."""
    return all(
        goes_to(answer) == "role" or "cannot be continued" in answer.content.decode()
        for answer in (tab.get(step) for step in STEPS[1:])
    )


# ---- The key ----------------------------------------------------------------------------------------------


def test_the_session_holds_the_key_and_nothing_else() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    key = visitor.client.session[attempts.SESSION_KEY]
    assert list(visitor.client.session.keys()) == [attempts.SESSION_KEY]
    assert attempt().key_digest != key
    assert key not in repr(Activation.objects.values().get())


def test_the_pin_changes_key_and_session_and_the_old_cookie_opens_nothing() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    before, key = visitor.cookies(), visitor.client.session[attempts.SESSION_KEY]
    visitor.type_pin()
    assert visitor.cookies()["sessionid"] != before["sessionid"]
    assert visitor.client.session[attempts.SESSION_KEY] != key
    # At once, within the grace for a second click.
    thief = visitor.another_tab_with(before)
    assert opens_nothing(thief)
    assert opens_nothing(visitor.another_tab_with({}))
    assert visitor.get("confirm").status_code == 200


def test_the_old_cookie_may_post_the_very_pin_again_and_no_other() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        visitor = Visitor(AffiliationFactory.create()).reach_pin()
        pin, before = visitor.pin(), visitor.cookies()
        assert goes_to(visitor.type_pin(pin)) == "confirm"
        second = visitor.another_tab_with(before)
        for turn in (1, 2):
            assert "cannot be continued" in second.post("pin", pin=wrong(pin, turn)).content.decode()
            assert opens_nothing(second)
        assert goes_to(second.post("pin", pin=pin)) == "pin"
        assert goes_to(second.get("pin")) == "confirm"
        # Both clicks are the same browser's: whichever answer it takes last, it holds the key.
        assert goes_to(visitor.get("pin")) == "confirm"
        clock.shift(attempts.REPEAT_GRACE + timedelta(seconds=1))
        late = visitor.another_tab_with(before)
        late.post("pin", pin=pin)
        assert opens_nothing(late)


def test_guessing_with_the_old_cookie_is_limited_as_any_guessing(limit: Any) -> None:
    limit("pin-try:person", "6 per day")
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    pin, before = visitor.pin(), visitor.cookies()
    visitor.type_pin(pin)
    thief = visitor.another_tab_with(before)
    for turn in range(1, 10):
        thief.post("pin", pin=wrong(pin, turn))
    answer = thief.post("pin", pin=pin)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert "too many attempts" in alerts(answer)
    assert opens_nothing(thief)


def test_two_tabs_of_one_browser_share_one_attempt() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_pin()
    other = visitor.another_tab_with(visitor.cookies())
    assert other.get("pin").status_code == 200
    assert goes_to(other.give_contact()) == "pin"
    assert len(pins_sent_to(visitor.record.mobile)) == 1  # type: ignore[union-attr] # Has a record.


def test_a_session_ends_with_its_row() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    Session.objects.all().delete()
    assert opens_nothing(visitor)


# ---- Changing one's mind ----------------------------------------------------------------------------------


def test_the_same_contact_again_takes_nothing_back_and_sends_nothing() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_password()
    assert goes_to(visitor.give_contact()) == "password"
    assert len(pins_sent_to(record.mobile)) == 1


def test_another_contact_clears_all_that_came_after_it() -> None:
    first, second = WithoutAmkaFactory.create(), AffiliationFactory.create()
    visitor = Visitor(first).begin()
    visitor.give_contact()
    visitor.post("insurance", amka=AMKA)
    visitor.type_pin()
    visitor.agree()
    assert goes_to(visitor.give_contact(mobile=second.mobile)) == "pin"
    row = attempt()
    assert (row.affiliation, row.mobile, row.email) == (second, second.mobile, "")
    assert (row.insurance_number, row.insurance_kind, row.insurance_country) == ("", "", "")
    assert (row.pin_verified_at, row.confirmed_at) == (None, None)
    for step in ("confirm", "password", "done"):
        assert goes_to(visitor.get(step)) == "pin"
        assert goes_to(visitor.post(step, decision="agree", password1=PASSWORD, password2=PASSWORD)) == "pin"
    assert Pin.objects.filter(replaced_at=None, used_at=None).count() == 1
    visitor.record = second
    assert goes_to(visitor.type_pin()) == "confirm"


def test_the_first_contact_s_pin_does_not_open_the_second_contact_s_attempt() -> None:
    first, second = AffiliationFactory.create_batch(2)
    visitor = Visitor(first).reach_pin()
    old = visitor.pin()
    visitor.give_contact(mobile=second.mobile)
    assert Pin.objects.get(replaced_at=None).person == second.person
    if old != pins_sent_to(second.mobile)[0]:
        assert alerts(visitor.type_pin(old))
    assert attempt().pin_verified_at is None
    # And back again: a third PIN, the first stays dead.
    visitor.give_contact(mobile=first.mobile)
    newest = pins_sent_to(first.mobile)[0]
    if newest != old:
        assert "This PIN was replaced by a newer one." in alerts(visitor.type_pin(old))
    assert goes_to(visitor.type_pin(newest)) == "confirm"


def test_a_contact_that_is_refused_changes_nothing() -> None:
    record, broken = AffiliationFactory.create(), AffiliationFactory.create(username="")
    visitor = Visitor(record).reach_confirm()
    before = Activation.objects.values().get()
    assert alerts(visitor.give_contact(mobile="+306900099999"))
    assert alerts(visitor.give_contact(mobile=broken.mobile))
    noted = {"met_id": broken.pk, "reached": before["reached"] | Reached.NOT_FOUND | Reached.MISSING}
    assert Activation.objects.values().get() == before | noted
    assert goes_to(visitor.agree()) == "password"


def test_another_insurance_number_needs_another_pin() -> None:
    record = WithoutAmkaFactory.create()
    visitor = Visitor(record).begin()
    visitor.give_contact()
    visitor.post("insurance", amka=AMKA)
    old = visitor.pin()
    assert goes_to(visitor.post("insurance", amka=AMKA)) == "pin"
    assert len(pins_sent_to(record.mobile)) == 1
    assert goes_to(visitor.post("insurance", "?other=1", country="CY", number="AB1")) == "pin"
    assert len(pins_sent_to(record.mobile)) == 2
    if old != visitor.pin():
        assert "replaced" in alerts(visitor.type_pin(old))
    assert goes_to(visitor.type_pin()) == "confirm"


def test_clarifying_is_due_before_anything_else() -> None:
    record = AffiliationFactory.create(mobile="+306900000005")
    AffiliationFactory.create(mobile="+306900000005")
    visitor = Visitor(record).begin()
    visitor.give_contact()
    for step in ("insurance", "pin", "confirm", "password", "done"):
        assert goes_to(visitor.get(step)) == "clarify"
    assert goes_to(visitor.post("pin/new")) == "clarify"
    assert not Message.objects.exists()


def test_starting_again_leaves_the_earlier_attempt_behind() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    visitor.begin()
    assert goes_to(visitor.get("password")) == "contact"
    assert Activation.objects.count() == 2


def test_an_agreement_counts_only_for_the_data_that_were_shown() -> None:
    """Another tab changed the contact between reading the attempt and writing the agreement."""
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    stale = attempt()
    visitor.give_contact(mobile=AffiliationFactory.create().mobile)
    with pytest.raises(refusals.Overtaken):
        flow.confirm(stale, store_contacts=True, agrees=True)
    assert attempt().confirmed_at is None


def test_nothing_is_stored_unless_the_person_says_so_and_their_word_stands_there_again() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()

    def is_ticked() -> bool:
        [box] = elements(visitor.get("confirm"), name="store_contacts")
        return "checked" in dict(box.attributes)

    assert not is_ticked()
    visitor.agree()
    assert is_ticked()
    visitor.post("confirm", decision="agree")
    assert not is_ticked()


def test_what_another_tab_has_shown_is_not_agreed_to() -> None:
    eleni, ioanna = AffiliationFactory.create_batch(2)
    visitor = Visitor(eleni).reach_confirm()
    [seen] = elements(visitor.get("confirm"), name="seen")
    other = Visitor(ioanna)
    other.client = visitor.client
    other.reach_confirm()
    answer = visitor.agree(seen=str(dict(seen.attributes)["value"]))
    assert goes_to(answer) == "confirm"
    assert "check them once more" in alerts(visitor.get("confirm"))
    assert not Activation.objects.exclude(confirmed_at=None).exists()


def test_details_that_changed_after_they_were_confirmed_are_confirmed_anew() -> None:
    record = AffiliationFactory.create()
    visitor = Visitor(record).reach_password()
    corrections.correct(record, {"last_name_el": "Άλλη"}, by="secretary")
    assert goes_to(visitor.register()) == "confirm"
    assert not Account.objects.exists()
    answer = visitor.get("confirm")
    assert "check them once more" in alerts(answer)
    assert "Άλλη" in page(answer)
    visitor.agree()
    assert goes_to(visitor.register()) == "done"


# ---- Finishing --------------------------------------------------------------------------------------------


def test_finishing_twice_leaves_one_account_and_its_first_password() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    assert goes_to(visitor.register()) == "done"
    assert goes_to(visitor.register("another good 42 password")) == "done"
    assert visitor.get("done").status_code == 200
    assert Account.objects.get().check_password(PASSWORD)
    assert AuditEvent.objects.filter(act="account.opened").count() == 1


@pytest.mark.parametrize("step", STEPS[1:-1])
def test_after_the_end_every_step_leads_to_the_end(step: str) -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    visitor.register()
    before = Activation.objects.values().get()
    assert goes_to(visitor.get(step)) == "done"
    answer = visitor.post(step, mobile="+306900099999", pin="123456", decision="disagree", password1="x" * 20)
    assert goes_to(answer) == "done"
    assert Activation.objects.values().get() == before


@pytest.mark.parametrize(
    "lost",
    [
        {"pin_verified_at": None},
        {"confirmed_at": None},
        {"affiliation": None},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"key_digest": "f" * 64},
    ],
)
def test_finishing_checks_every_step_again(lost: dict[str, Any]) -> None:
    """Both ways: through the guard, and when another tab took the step back after the guard."""
    visitor = Visitor(AffiliationFactory.create()).reach_password()
    stale, request = attempt(), visitor.get("password").wsgi_request
    Activation.objects.update(**lost)
    visitor.register()
    with pytest.raises(refusals.RecordChanged):
        flow.finish(request, stale, password=PASSWORD)
    assert not Account.objects.exists()
    assert attempt().finished_at is None


def test_a_used_pin_row_belongs_to_the_attempt_that_used_it() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    assert Pin.objects.get().used_at
    assert Pin.objects.get().binding == attempt().previous_key_digest
    assert visitor.get("confirm").status_code == 200


def test_whom_the_browser_was_before_does_not_matter() -> None:
    """Somebody signed in stays so, and still activates only what the PIN proved."""
    visitor = Visitor(AffiliationFactory.create())
    staff = Account.objects.create_user("operator", PASSWORD)
    visitor.client.force_login(staff)
    assert goes_to(visitor.reach_password().register()) == "done"
    assert Account.objects.exclude(pk=staff.pk).get().username == visitor.record.username  # type: ignore[union-attr]
    assert visitor.client.session["_auth_user_id"] == str(staff.pk)
