"""What attempts came to: written into the attempt as bits, counted by day, department and cohort, kept as numbers.

A step costs nothing: its bit is set by the statement that writes the step's facts. Each attempt has its own row, so
nobody waits for a counter. An error costs one statement. What an attempt came to is counted once, however often it
happened. When the attempts are forgotten, `keep_counts` adds them up in the same transaction.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncDate

from accounts import pins
from accounts.models import Message, Pin
from accounts.opening import OpeningRefused
from activation.models import Activation, ProgressCount, Reached
from activation.refusals import RecordRefused
from registry import lookup
from registry.models import ROLE_KINDS, Role
from registry.readiness import Hindrance

# An error, and the bit that it sets; the first class that fits counts.
ERRORS: tuple[tuple[type[Exception], Reached], ...] = (
    (lookup.LookupFailed, Reached.NOT_FOUND),
    (OpeningRefused, Reached.ALREADY_ACTIVE),
    (pins.PinWrong, Reached.PIN_WRONG),
    (pins.PinExpired, Reached.PIN_EXPIRED),
    (pins.PinRefused, Reached.PIN_SPENT),
)


@dataclass(frozen=True)
class Group:
    """Whose attempts: one day's, of one kind of people, department and cohort. Without a record the last two lack."""

    day: date
    kind: str
    department_id: int | None
    cohort: str


Counts = Counter[tuple[Group, Reached]]


# ---- Writing ----------------------------------------------------------------------------------------------------


def adding(*reached: Reached) -> Combinable:
    """For an `update` of attempts: what was reached before, and these."""
    bits = Reached(0)
    for bit in reached:
        bits |= bit
    return F("reached").bitor(bits.value)


@contextmanager
def refusals_noted(activation: Activation | None) -> Iterator[None]:
    """Notes in the attempt which error it met, and lets the error go on."""
    try:
        yield
    except Exception as error:
        if activation is not None and (bit := _bit_of(error)):
            _note(activation, bit, error)
        raise


def _bit_of(error: Exception) -> Reached | None:
    if isinstance(error, RecordRefused):
        return Reached.INSURANCE if error.hindrance is Hindrance.INSURANCE else Reached.MISSING
    return next((bit for kind, bit in ERRORS if isinstance(error, kind)), None)


def _note(activation: Activation, bit: Reached, error: Exception) -> None:
    facts: dict[str, Any] = {"reached": adding(bit)}
    if isinstance(error, RecordRefused | OpeningRefused):
        facts = {"reached": adding(bit, Reached.STARTED), "met": error.record}
    Activation.objects.filter(pk=activation.pk).update(**facts)


# ---- Counting ---------------------------------------------------------------------------------------------------


def live_counts(activations: QuerySet[Activation]) -> Counts:
    """What these attempts came to, in two queries whatever their number."""
    counts: Counts = Counter()
    for row in _grouped(activations, "reached"):
        reached = Reached(row.pop("reached"))
        number = row.pop("number")
        counts.update({(Group(**row), bit): number for bit in reached})
    for row in _grouped(activations.filter(_message_failed())):
        number = row.pop("number")
        counts[Group(**row), Reached.MESSAGE_FAILED] += number
    return counts


def with_groups(activations: QuerySet[Activation]) -> QuerySet[Activation]:
    """The attempts with the names of `Group`: of the record that they met, or of the role that was chosen."""
    chosen = (When(role=role, then=Value(ROLE_KINDS[role][0])) for role in Role)
    return activations.annotate(
        day=TruncDate("created_at"),
        kind=Coalesce("met__kind", Case(*chosen, output_field=CharField())),
        department_id=F("met__department_id"),
        cohort=Coalesce("met__inscription_year", Value("")),
    )


def _grouped(activations: QuerySet[Activation], *further: str) -> list[dict[str, Any]]:
    grouped = with_groups(activations).order_by().values("day", "kind", "department_id", "cohort", *further)
    return list(grouped.annotate(number=Count("pk")))


def _message_failed() -> Q:
    """Attempts of which a message failed; known as long as messages are kept (`settings.KEEP_MESSAGES_DAYS`)."""
    failed = Message.objects.filter(state=Message.State.FAILED, pin__purpose=Pin.Purpose.ACTIVATION)
    bindings = failed.values("pin__binding")
    return Q(key_digest__in=bindings) | Q(previous_key_digest__in=bindings)


def keep_counts(activations: QuerySet[Activation]) -> None:
    """Add what these attempts came to to the numbers that are kept. The caller forgets them in the same transaction."""
    for (group, bit), number in live_counts(activations).items():
        key = {**vars(group), "what": str(bit.name).lower()}
        if not ProgressCount.objects.filter(**key).update(number=F("number") + number):
            ProgressCount.objects.create(**key, number=number)
