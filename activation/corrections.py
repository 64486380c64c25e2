"""What a proved person asks of the office that keeps their record, and what became of it.

A request is open until the office decides or the person takes it back. For each field of a record there is one open
request at most; the database sees to it, so a double click asks once.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import get_language

from accounts import audit, throttle
from activation.models import Activation, CorrectionRequest
from activation.refusals import Overtaken
from registry import insurance
from registry.contacts import mask_text
from registry.models import Gender

Text = str | Promise
Field, State = CorrectionRequest.Field, CorrectionRequest.State
# How long the link in the answer leads to it.
ANSWER_LIFETIME = timedelta(days=30)


class AnswerOver(Exception):
    """The link in the answer is too old, or there is none like it."""


@dataclass(frozen=True)
class Asked:
    """A request as the person reads it. What another attempt has typed is masked, insurance numbers always are."""

    pk: int
    label: Text
    value: Text
    is_open: bool
    state: Text
    reason: str


@transaction.atomic
def ask(request: HttpRequest, activation: Activation, *, field: str, value: str, remark: str) -> None:
    """Put the request into the office's queue; an older one about the same field is replaced.

    The same once more changes nothing. Raises `TooMany`, or `Overtaken` when another tab asked at the same moment.
    """
    record = activation.record
    same_field = CorrectionRequest.objects.filter(affiliation=record, field=field, state=State.ASKED)
    before = same_field.first()
    if before is not None and (before.activation_id, before.value, before.remark) == (activation.pk, value, remark):
        return
    throttle.count("correction:person", str(record.person_id))
    same_field.update(state=State.REPLACED)
    try:
        with transaction.atomic():
            CorrectionRequest.objects.create(
                affiliation=record,
                activation=activation,
                field=field,
                value=value,
                remark=remark,
                language=get_language() or activation.language,
                mobile=activation.mobile,
                email=activation.email,
            )
    except IntegrityError:
        raise Overtaken from None
    _note("correction.asked", request, activation, field)


@transaction.atomic
def withdraw(request: HttpRequest, activation: Activation, *, pk: int) -> None:
    """Take an open request back. Nothing happens when it is not open any more, or not about this record."""
    asked = CorrectionRequest.objects.filter(pk=pk, affiliation=activation.record, state=State.ASKED)
    field = asked.values_list("field", flat=True).first()
    if asked.update(state=State.WITHDRAWN):
        _note("correction.withdrawn", request, activation, str(field))


def asked_by(activation: Activation) -> list[Asked]:
    """The requests about the attempt's record that the person should see: the open ones, and those just decided."""
    recent = timezone.now() - ANSWER_LIFETIME
    about = CorrectionRequest.objects.filter(affiliation=activation.record)
    shown = about.filter(state=State.ASKED) | about.filter(decided_at__gt=recent)
    return [_as_person_reads(one, own=one.activation_id == activation.pk) for one in shown]


def _as_person_reads(one: CorrectionRequest, *, own: bool) -> Asked:
    return Asked(
        pk=one.pk,
        label=one.get_field_display(),
        value=readable(one.field, one.value) if own else mask_text(one.value),
        is_open=one.state == State.ASKED,
        state=one.get_state_display(),
        reason=one.reason,
    )


def readable(field: str, value: str, *, whole: bool = False) -> Text:
    """The value in the reader's words; an insurance number masked unless `whole`."""
    if not value:
        return ""
    if field == Field.GENDER:
        return Gender(int(value)).label
    if field == Field.BIRTH_DATE:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if field == Field.INSURANCE_COUNTRY:
        return insurance.country_name(value)
    return insurance.mask(value) if field == Field.AMKA and not whole else value


def _note(act: str, request: HttpRequest, activation: Activation, field: str) -> None:
    address = throttle.client_address(request)
    audit.record(act, person=activation.record.person, address=address, details={"field": field})


# ---- The answer -----------------------------------------------------------------------------------------


def token_digest(token: str) -> str:
    return salted_hmac("activation.corrections", token, algorithm="sha256").hexdigest()


def find_answered(token: str) -> CorrectionRequest:
    """The decided request of a link in an answer. Raises `AnswerOver`; looking consumes nothing."""
    since = timezone.now() - ANSWER_LIFETIME
    decided: QuerySet[CorrectionRequest] = CorrectionRequest.objects.filter(
        token_digest=token_digest(token), decided_at__gt=since
    )
    found = decided.select_related("affiliation__person", "affiliation__department").first()
    if found is None:
        raise AnswerOver
    return found
