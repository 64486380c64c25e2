"""The steps of an activation, as data, and which of them is due."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activation.models import Activation
from registry import readiness


class Step(StrEnum):
    """Each value is the name of the step's address."""

    ROLE = "role"
    CONTACT = "contact"
    CLARIFY = "clarify"
    LETTER = "letter"
    INSURANCE = "insurance"
    PIN = "pin"
    # Not on the way to an account: where the office is told what is wrong in the record.
    CORRECTION = "correction"
    CONFIRM = "confirm"
    PASSWORD = "password"  # noqa: S105 # The name of a step.
    DONE = "done"


# How the printed guide counts them: several screens belong to one step of four.
NUMBERS = {
    Step.CONTACT: 1,
    Step.CLARIFY: 1,
    Step.LETTER: 2,
    Step.INSURANCE: 2,
    Step.PIN: 2,
    Step.CONFIRM: 3,
    Step.PASSWORD: 4,
    Step.DONE: 5,
}
LABELS = (_("Contact"), _("PIN"), _("Confirmation"), _("Password"))


@dataclass(frozen=True)
class Mark:
    """One mark of the step indicator."""

    number: int
    label: str | Promise
    state: str


def next_step(activation: Activation) -> Step:
    """The step that is due: the first whose fact is missing."""
    if activation.finished_at is not None:
        return Step.DONE
    if activation.contact_at is None:
        return Step.CONTACT
    if activation.affiliation is None:
        return Step.CLARIFY
    if activation.correcting_at is not None:
        return Step.PIN if activation.pin_verified_at is None else Step.CORRECTION
    return _step_to_the_account(activation)


def _step_to_the_account(activation: Activation) -> Step:
    if is_insurance_due(activation):
        return Step.INSURANCE
    if not is_proved(activation):
        return Step.PIN
    return Step.PASSWORD if activation.confirmed_at is not None else Step.CONFIRM


def is_proved(activation: Activation) -> bool:
    """Whether it is known who is there: by the PIN, or by a letter that was handed over in person."""
    return activation.pin_verified_at is not None or activation.letter_id is not None


def is_insurance_due(activation: Activation) -> bool:
    record = activation.affiliation
    return record is not None and readiness.may_type_insurance(record) and not activation.insurance_number


def may_enter(step: Step, activation: Activation) -> bool:
    """Whether the step may be shown: the one that is due, or an earlier one that can be changed."""
    due = next_step(activation)
    if step is due:
        return True
    if due is Step.DONE:
        return False
    if step is Step.INSURANCE:
        return due in (Step.PIN, Step.CONFIRM, Step.PASSWORD) and bool(activation.insurance_number)
    if step is Step.CORRECTION:
        return due in (Step.CONFIRM, Step.PASSWORD)
    return step is Step.CONTACT or (step is Step.CONFIRM and due is Step.PASSWORD)


def indicator(step: Step) -> list[Mark]:
    """The marks "1/4 … 4/4" for a screen that is one of the four steps'."""
    current = NUMBERS[step]

    def state(number: int) -> str:
        if number == current:
            return "current"
        return "done" if number < current else "todo"

    return [Mark(number, label, state(number)) for number, label in enumerate(LABELS, start=1)]
