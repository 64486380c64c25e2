"""Telling the office what is wrong: who may, what is proved first, what is kept, what leads back."""

from functools import partial
from typing import Any

import pytest

from accounts.models import Account, AuditEvent, InboxMessage, Message, Pin
from activation.correction_forms import FORMS
from activation.models import Activation, CorrectionRequest
from registry.models import Affiliation
from tests.activation.visitor import (
    LIMITED,
    OK,
    Visitor,
    alerts,
    elements,
    goes_to,
    page,
    pins_sent_to,
    text,
    value_of,
    wrong,
)
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory
from tests.races import race

pytestmark = pytest.mark.django_db
CORRECTION = "/activation/correction/"


def incomplete(**fields: Any) -> Affiliation:
    return AffiliationFactory.create(username="", **fields)


def tell_office(visitor: Visitor, answer: Any) -> Any:
    """Press the button of the error page, with what it carries."""
    (form,) = elements(answer, action="/activation/correction/start/")
    hidden = {
        dict(element.attributes)["name"]: dict(element.attributes).get("value", "")
        for element in form.children
        if not isinstance(element, str) and dict(element.attributes).get("type") == "hidden"
    }
    del hidden["csrfmiddlewaretoken"]
    return visitor.post("correction/start", **hidden)


def refused(record: Affiliation) -> Visitor:
    """At the PIN that comes before the office is told."""
    visitor = Visitor(record).begin(record.role)
    assert goes_to(tell_office(visitor, visitor.give_contact())) == "pin"
    return visitor


def proved(record: Affiliation) -> Visitor:
    visitor = refused(record)
    assert goes_to(visitor.type_pin()) == CORRECTION
    return visitor


def ask(visitor: Visitor, field: str, **typed: str) -> Any:
    return visitor.post("correction", f"?field={field}", **typed)


# ---- The way there --------------------------------------------------------------------------------------


def test_from_an_error_a_pin_comes_first_and_opens_nothing_else() -> None:
    record = incomplete()
    visitor = Visitor(record).begin()
    answer = visitor.give_contact()
    assert "so that nobody else writes about your record" in page(answer)
    assert not Message.objects.exists()
    assert goes_to(tell_office(visitor, answer)) == "pin"
    assert "It does not activate an account" in page(visitor.get("pin"))
    assert 'class="steps"' not in page(visitor.get("pin"))
    for step in ("correction", "confirm", "password", "done", "insurance"):
        assert goes_to(visitor.get(step)) == "pin"
    assert "to ask for a correction" in InboxMessage.objects.get(to=record.mobile).text
    assert "Wrong PIN" in alerts(visitor.type_pin(wrong(visitor.pin())))
    assert goes_to(visitor.type_pin()) == CORRECTION
    Affiliation.objects.filter(pk=record.pk).update(username="maria1")
    for step in ("pin", "confirm", "password", "done"):
        assert goes_to(visitor.get(step)) == CORRECTION
    visitor.agree()
    visitor.register()
    assert not Account.objects.exists()


def test_a_second_click_on_the_pin_goes_on_and_a_thief_s_cookie_does_not() -> None:
    visitor = refused(incomplete())
    second, pin = visitor.another_tab_with(visitor.cookies()), visitor.pin()
    assert goes_to(visitor.type_pin(pin)) == CORRECTION
    assert goes_to(second.post("pin", pin=wrong(pin))) == ""
    assert goes_to(second.post("pin", pin=pin)) == "pin"
    assert goes_to(second.get("pin")) == CORRECTION
    thief = visitor.another_tab_with({"sessionid": "x"})
    assert ask(thief, "last_name", value="Παππά").status_code == OK
    assert not CorrectionRequest.objects.exists()


def test_the_record_mended_the_contact_leads_to_a_new_pin_and_on() -> None:
    record = incomplete()
    visitor = proved(record)
    Affiliation.objects.filter(pk=record.pk).update(username="maria1")
    old = pins_sent_to(record.mobile)
    assert goes_to(visitor.give_contact()) == "pin"
    assert len(pins_sent_to(record.mobile)) == 2
    assert goes_to(visitor.type_pin(old[0])) == ""
    assert goes_to(visitor.type_pin()) == "confirm"
    assert Activation.objects.get().correcting_at is None


def test_an_amka_that_fails_leads_there_too_and_nothing_typed_is_lost() -> None:
    record = WithoutAmkaFactory.create()
    visitor = Visitor(record).begin()
    visitor.give_contact()
    answer = visitor.post("insurance", amka="21030500067")
    assert value_of(answer, "amka") == "21030500067"
    assert goes_to(tell_office(visitor, answer)) == "pin"
    assert goes_to(visitor.type_pin()) == CORRECTION
    assert (attempt().mobile, attempt().affiliation) == (record.mobile, record)


def test_who_shares_a_contact_comes_there_with_the_registration_number() -> None:
    records = AffiliationFactory.create_batch(2, mobile="+306900000005", username="")
    visitor = Visitor(records[1]).begin()
    visitor.give_contact()
    answer = visitor.post("clarify", registration_number=records[1].registration_number)
    assert goes_to(tell_office(visitor, answer)) == "pin"
    assert attempt().affiliation == records[1]


def test_who_disagrees_is_there_at_once_and_comes_back() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    assert f'href="{CORRECTION}"' in page(visitor.get("confirm"))
    assert f'href="{CORRECTION}"' in page(visitor.post("confirm", decision="disagree"))
    assert goes_to(ask(visitor, "last_name", value="Παππά")) == CORRECTION
    assert 'href="/activation/confirm/"' in page(visitor.get("correction"))
    assert goes_to(visitor.agree()) == "password"
    assert visitor.get("correction").status_code == OK


@pytest.mark.parametrize("step", ["role", "contact"])
def test_before_the_contact_nobody_is_told_anything(step: str) -> None:
    visitor = Visitor(AffiliationFactory.create())
    if step == "contact":
        visitor.begin()
    assert ask(visitor, "last_name", value="Παππά").status_code in (OK, 302)
    visitor.post("correction/start")
    visitor.post("correction/withdraw", request="1")
    assert not CorrectionRequest.objects.exists()
    assert not Pin.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"mobile": "+306900099999"}, "No user was found"),
        ({"mobile": "12"}, ""),
        ({"email": "x@example.org"}, "No user"),
    ],
)
def test_a_forged_button_finds_no_more_than_the_contact_page(typed: dict[str, str], words: str) -> None:
    visitor = Visitor().begin()
    assert words in alerts(
        visitor.post("correction/start", **{f"record-{name}": value for name, value in typed.items()})
    )
    assert not Message.objects.exists()


def test_a_record_with_an_account_is_not_corrected_from_here() -> None:
    record = AffiliationFactory.create()
    Visitor(record).reach_password().register()
    answer = Visitor(record).begin().post("correction/start", **{"record-mobile": record.mobile})
    assert "already been activated" in alerts(answer)


def test_the_limits_of_pins_hold_here(limit: Any) -> None:
    limit("pin-send:destination", "1 per day")
    record = incomplete()
    refused(record)
    other = Visitor(record).begin()
    assert tell_office(other, other.give_contact()).status_code == LIMITED
    assert len(pins_sent_to(record.mobile)) == 1


def attempt() -> Activation:
    return Activation.objects.latest("pk")


# ---- What is asked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("last_name", "  Παπαδοπούλου –  ", None),
        ("last_name", "Παπα  Δοπούλου-Λάμπρου", "Παπα Δοπούλου-Λάμπρου"),
        ("first_name", "O'Hara", "O'Hara"),
        ("father_name", "Γεώργιος1", None),
        ("father_name", "Γεωrγιος", None),
        ("birth_date", "21/3/2006", "2006-03-21"),
        ("birth_date", "30/2/2006", None),
        ("birth_date", "21/03/2106", None),
        ("gender", "1", "1"),
        ("gender", "7", None),
        ("amka", "210305 00066", AMKA),
        ("amka", "21030500067", None),
        ("insurance_country", "GR", "GR"),
        ("insurance_country", "ZZ", None),
        ("username", "", ""),
        ("username", "Maria!", None),
        ("other", "", None),
    ],
)
def test_values_have_their_due_form(field: str, typed: str, kept: str | None) -> None:
    form = FORMS[field]({"value": typed})
    assert form.is_valid() is (kept is not None)
    assert kept is None or form.right_value() == kept


def test_a_value_that_is_none_is_refused_and_stays_in_its_field() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    answer = ask(visitor, "birth_date", value="30/2/2006", remark="Με <b>έμφαση</b>")
    assert "This is no date" in alerts(answer)
    assert value_of(answer, "value") == "30/2/2006"
    assert "Με &lt;b&gt;έμφαση" in page(answer)
    assert alerts(ask(visitor, "last_name", value="Παππά", remark="x" * 501))
    assert not CorrectionRequest.objects.exists()


def test_a_request_says_what_happens_next_and_where_the_answer_goes() -> None:
    record = incomplete()
    visitor = proved(record)
    assert goes_to(ask(visitor, "username", remark="Δεν μου δόθηκε")) == CORRECTION
    screen = visitor.get("correction")
    assert "Your request has been sent to the office." in page(screen)
    assert f"+30 •••••{record.mobile[-3:]}" in page(screen)
    assert "department of informatics" in page(screen).lower()
    asked = CorrectionRequest.objects.get()
    assert (asked.affiliation, asked.field, asked.remark) == (record, "username", "Δεν μου δόθηκε")
    assert (asked.mobile, asked.email, asked.language, asked.state) == (record.mobile, "", "en", "asked")
    assert AuditEvent.objects.get(act="correction.asked").person == record.person


def test_the_screens_before_the_confirmation_tell_nothing_of_the_record() -> None:
    record = incomplete(insurance_number=AMKA)
    visitor = proved(record)
    ask(visitor, "last_name", value="Παππά")
    for field in CorrectionRequest.Field.values:
        visitor.get("correction", f"?field={field}")
    shown = " ".join(page(answer) for answer in visitor.answers)
    secrets = [record.last_name_el, record.last_name_en, record.father_name_el, AMKA, "21/03/2005", record.email]
    assert [secret for secret in secrets if secret in shown] == []


def test_who_came_with_a_letter_is_told_where_to_ask() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    Activation.objects.update(mobile="", email="")
    ask(visitor, "last_name", value="Παππά")
    assert "no message can tell you the answer" in page(visitor.get("correction"))


def test_what_somebody_else_typed_is_masked() -> None:
    record = incomplete()
    ask(proved(record), "last_name", value="Παππάς")
    ask(visitor := proved(record), "amka", value=AMKA)
    asked = next(text(element) for element in elements(visitor.get("correction"), **{"class": "asked"}))
    assert "Παππάς" not in asked
    assert "Π•••••" in asked
    assert AMKA not in asked


def test_the_same_twice_is_asked_once_and_another_value_replaces_the_first() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    for _click in range(2):
        ask(visitor, "last_name", value="Παππά")
    assert [one.state for one in CorrectionRequest.objects.all()] == ["asked"]
    ask(visitor, "last_name", value="Παπά")
    ask(visitor, "first_name", value="Μαρία-Ελένη")
    assert [(one.value, one.state) for one in CorrectionRequest.objects.all()] == [
        ("Παππά", "replaced"), ("Παπά", "asked"), ("Μαρία-Ελένη", "asked"),
    ]  # fmt: skip


def test_a_request_is_taken_back_by_its_person_only() -> None:
    visitor, stranger = (Visitor(AffiliationFactory.create()).reach_confirm() for _visitor in range(2))
    ask(visitor, "last_name", value="Παππά")
    pk = str(CorrectionRequest.objects.get().pk)
    for given in (pk, "", "x", "9" * 30):
        assert goes_to(stranger.post("correction/withdraw", request=given)) == CORRECTION
    assert CorrectionRequest.objects.get().state == "asked"
    for _click in range(2):
        assert goes_to(visitor.post("correction/withdraw", request=pk)) == CORRECTION
    assert CorrectionRequest.objects.get().state == "withdrawn"
    assert AuditEvent.objects.filter(act="correction.withdrawn").count() == 1
    assert 'class="asked"' not in page(visitor.get("correction"))


def test_requests_are_limited_per_person_and_what_was_typed_stays(limit: Any) -> None:
    limit("correction:person", "1 per day")
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    ask(visitor, "last_name", value="Παππά")
    answer = ask(visitor, "first_name", value="Ελένη")
    assert answer.status_code == LIMITED
    assert value_of(answer, "value") == "Ελένη"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_limits")
def test_ten_clicks_at_once_ask_once() -> None:
    visitor = Visitor(AffiliationFactory.create()).reach_confirm()
    tabs = [visitor.another_tab_with(visitor.cookies()) for _tab in range(10)]
    results = race(*[partial(ask, tab, "last_name", value="Παππά") for tab in tabs])
    assert {goes_to(result) for result in results} == {CORRECTION}  # type: ignore[arg-type] # No exception is among them.
    assert CorrectionRequest.objects.filter(state="asked").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_limits")
def test_the_button_pressed_ten_times_at_once_sends_one_pin() -> None:
    record = incomplete()
    visitor = Visitor(record).begin()
    tabs = [visitor.another_tab_with(visitor.cookies()) for _tab in range(10)]
    race(*[partial(tab.post, "correction/start", **{"record-mobile": record.mobile}) for tab in tabs])
    assert len(pins_sent_to(record.mobile)) == 1
