"""No order of requests reaches an account without contact, PIN, confirmation and password."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts import throttle
from accounts.models import Account, Pin
from activation.models import Activation
from activation.steps import Step, indicator, may_enter, next_step
from registry.models import Affiliation, Person
from tests.activation.visitor import OK, PASSWORD, REDIRECTED, STEPS, Visitor, goes_to, pins_sent_to, wrong
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory

# The steps at which the machine stood, to know that it came everywhere.
REACHED: set[str] = set()


class Wizard(RuleBasedStateMachine):
    """A visitor who posts anything in any order, beside a small model of what is due.

    Three records can be reached: one with and one without an AMKA, and one that shares its mobile with a fourth.
    """

    def __init__(self) -> None:
        super().__init__()
        throttle.forget_all()
        # The number that an earlier run gave to somebody is free again.
        Person.objects.update(identity=None)
        shared = AffiliationFactory.create()
        AffiliationFactory.create(mobile=shared.mobile)
        self.records = [AffiliationFactory.create(), WithoutAmkaFactory.create(), shared]
        self.before = Account.objects.count()
        self.visitor = Visitor()
        self.stolen: dict[str, str] = {}
        self.forget()
        self.begun = False
        self.opened: set[int] = set()

    def forget(self) -> None:
        self.record: Affiliation | None = None
        self.clarified = self.insured = self.proved = self.confirmed = self.finished = False

    @property
    def due(self) -> str:
        given = {
            "role": self.begun,
            "contact": self.record is not None,
            "clarify": self.clarified,
            "insurance": self.insured,
            "pin": self.proved,
            "confirm": self.confirmed,
            "password": self.finished,
        }
        return next((step for step, was in given.items() if not was), "done")

    def may_enter(self, step: str) -> bool:
        if step in (self.due, "role"):
            return True
        if self.due in ("role", "done"):
            return False
        if step == "insurance":
            return self.record is self.records[1] and self.insured and self.due in ("pin", "confirm", "password")
        return step == "contact" or (step == "confirm" and self.due == "password")

    def expect(self, answer: Any, step: str = "") -> None:
        """Out of turn, everything redirects to the step that is due; an answer to a POST says what is due now."""
        assert goes_to(answer) == (step or self.due)

    # ---- Requests ----

    @rule(number=st.integers(0, 2), times=st.integers(1, 6))
    def go_on(self, number: int, times: int) -> None:
        """What a good-natured visitor does, or chance would seldom come far."""
        for _time in range(times):
            {
                "role": lambda: self.begin("student"),
                "contact": lambda: self.give_contact(number),
                "clarify": lambda: self.clarify(right=True),
                "insurance": lambda: self.give_amka(AMKA),
                "pin": lambda: self.type_pin(right=True),
                "confirm": lambda: self.confirm("agree"),
                "password": lambda: self.register(PASSWORD),
                "done": lambda: self.look("done"),
            }[self.due]()

    @rule(role=st.sampled_from(["student", "student", "student", "staff"]))
    def begin(self, role: str) -> None:
        self.expect(self.visitor.post("role", role=role), "contact")
        self.begun = True
        self.role = role
        self.forget()

    @rule(step=st.sampled_from(STEPS))
    def look(self, step: str) -> None:
        answer = self.visitor.get(step)
        if self.may_enter(step):
            assert answer.status_code == OK
        else:
            self.expect(answer)

    @precondition(lambda self: self.begun)
    @rule(number=st.integers(0, 3))
    def give_contact(self, number: int) -> None:
        """Whose the shared mobile is, and so whether they have an account, is known only at the next screen."""
        mobile = self.records[number].mobile if number < 3 else "+306900099999"
        answer = self.visitor.give_contact(mobile=mobile)
        if self.finished or (number < 3 and self.role == "student" and number not in self.opened - {2}):
            if not self.finished and self.record is not self.records[number]:
                self.forget()
                self.record = self.records[number]
                self.clarified, self.insured = number != 2, number != 1
            self.expect(answer)
        else:
            assert answer.status_code == OK

    @precondition(lambda self: self.begun)
    @rule(right=st.booleans())
    def clarify(self, right: bool) -> None:
        number = self.records[2].registration_number if right else "it99999"
        answer = self.visitor.post("clarify", registration_number=number)
        if self.due == "clarify" and (not right or 2 in self.opened):
            assert answer.status_code == OK
            return
        self.clarified = self.clarified or self.due == "clarify"
        self.expect(answer)

    @precondition(lambda self: self.begun)
    @rule(amka=st.sampled_from([AMKA, AMKA, "21030500067"]))
    def give_amka(self, amka: str) -> None:
        entered = self.may_enter("insurance")
        answer = self.visitor.post("insurance", amka=amka)
        if entered and amka != AMKA:
            assert answer.status_code == OK
            return
        self.insured = self.insured or entered
        self.expect(answer)

    @precondition(lambda self: self.begun)
    @rule(right=st.booleans())
    def type_pin(self, right: bool) -> None:
        sent = pins_sent_to(self.record.mobile) if self.record else []
        pin = sent[0] if sent else "123456"
        entered = self.due == "pin"
        self.stolen = self.visitor.cookies()
        answer = self.visitor.post("pin", pin=pin if right else wrong(pin))
        if not entered:
            self.expect(answer)
        elif right and goes_to(answer):
            self.proved = True
            self.expect(answer)
        else:
            assert answer.status_code == OK
            assert not right or not Pin.objects.filter(tries__lt=5, used_at=None, replaced_at=None).exists()

    @precondition(lambda self: self.begun)
    @rule()
    def ask_for_a_new_pin(self) -> None:
        entered = self.due == "pin"
        answer = self.visitor.post("pin/new")
        assert answer.status_code in ((REDIRECTED, 429) if entered else (REDIRECTED,))
        if not entered:
            self.expect(answer)

    @precondition(lambda self: self.begun)
    @rule(decision=st.sampled_from(["agree", "agree", "disagree", ""]))
    def confirm(self, decision: str) -> None:
        entered = self.may_enter("confirm")
        answer = self.visitor.post("confirm", decision=decision)
        if entered:
            self.confirmed = decision == "agree"
        if entered and decision != "agree":
            assert answer.status_code == OK
        else:
            self.expect(answer)

    @precondition(lambda self: self.begun)
    @rule(password=st.sampled_from([PASSWORD, PASSWORD, "short"]))
    def register(self, password: str) -> None:
        entered = self.due == "password"
        answer = self.visitor.register(password)
        if entered and password == "short":
            assert answer.status_code == OK
            return
        if entered:
            assert self.record
            self.finished = True
            self.opened.add(self.records.index(self.record))
        self.expect(answer)

    @precondition(lambda self: self.proved and self.stolen)
    @rule(step=st.sampled_from(STEPS[1:]))
    def thief_tries_the_cookie_of_before_the_pin(self, step: str) -> None:
        if self.stolen["sessionid"] == self.visitor.cookies()["sessionid"]:
            return
        thief = self.visitor.another_tab_with(self.stolen)
        for answer in (thief.get(step), thief.post(step, decision="agree", password1=PASSWORD, password2=PASSWORD)):
            assert b"cannot be continued" in answer.content

    # ---- What always holds ----

    @invariant()
    def accounts_are_those_that_went_all_the_way(self) -> None:
        persons = {self.records[number].person_id for number in self.opened}
        assert set(Account.objects.values_list("person_id", flat=True)) & {r.person_id for r in self.records} == persons
        assert Account.objects.count() == self.before + len(self.opened)

    @invariant()
    def the_row_and_the_model_agree(self) -> None:
        REACHED.add(self.due)
        if self.begun:
            assert next_step(Activation.objects.select_related("affiliation").latest("pk")) == self.due


@pytest.mark.django_db
@pytest.mark.usefixtures("no_limits")
def test_no_order_of_requests_goes_round_a_step() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call] # Hypothesis does not say.
        Wizard,
        settings=settings(
            max_examples=50, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize=True, database=None,
            phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert set(STEPS) - {"role"} <= REACHED


# ---- Steps as data ----------------------------------------------------------------------------------------


def test_an_empty_attempt_is_due_at_the_contact() -> None:
    activation = Activation(role="student")
    assert next_step(activation) is Step.CONTACT
    assert [step for step in Step if may_enter(step, activation)] == [Step.CONTACT]
    with pytest.raises(ValueError, match="not known yet"):
        _ = activation.record


@pytest.mark.parametrize(("step", "number"), [(Step.CONTACT, 1), (Step.CLARIFY, 1), (Step.INSURANCE, 2), (Step.PIN, 2)])
def test_the_indicator_has_four_marks_one_of_them_current(step: Step, number: int) -> None:
    marks = indicator(step)
    assert [mark.number for mark in marks] == [1, 2, 3, 4]
    states = ["done"] * (number - 1) + ["current"] + ["todo"] * (4 - number)
    assert [mark.state for mark in marks] == states


def test_at_the_end_every_mark_is_done() -> None:
    assert {mark.state for mark in indicator(Step.DONE)} == {"done"}
