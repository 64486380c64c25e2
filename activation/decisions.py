"""What an office decides about a correction request: once, audited, and told to the person.

Accepting puts the value into the record as a kept correction. What the mirror does not keep itself (a username, and
whatever has no field of its own) is mended in the source by the office; then accepting says only that.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import audit
from accounts.messages.send import Destination, queue
from accounts.models import Account
from accounts.models.message import Channel
from activation.corrections import readable, token_digest
from activation.models import CorrectionRequest
from registry import corrections, insurance, readiness, write_back
from registry.importing.records import GREEK
from registry.models import Affiliation, InsuranceKind

Field, State = CorrectionRequest.Field, CorrectionRequest.State
Text = str | Promise


class AlreadyDecided(Exception):
    """Of two clicks or two secretaries the second."""

    message = _("This request has been decided meanwhile, or the person has taken it back.")


@dataclass(frozen=True)
class By:
    """Who decides, and from where."""

    account: Account
    address: str


@dataclass(frozen=True)
class Outcome:
    """The record after the decision: whether its person can activate now, and what needs a human decision."""

    is_ready: bool
    warnings: list[str]


@transaction.atomic
def accept(asked: CorrectionRequest, *, value: str, reason: str, by: By) -> Outcome:
    """Put `value`, written as in the request, into the record, and tell the person. Raises `AlreadyDecided`."""
    record = asked.affiliation
    values = values_of(asked.field, value, record)
    warnings: list[str] = []
    token = _decide(asked, State.ACCEPTED, reason=reason, by=by)
    if values:
        corrected = corrections.correct(record, values, by=by.account.username)
        record, warnings = corrected.record, [warning.reason for warning in corrected.warnings]
    is_ready = readiness.can_activate(record)
    _note("correction.accepted", asked, reason=reason, by=by)
    _tell(asked, token, accepted="yes", kept="yes" if values else "", ready="yes" if is_ready else "")
    return Outcome(is_ready, warnings)


@transaction.atomic
def decline(asked: CorrectionRequest, *, reason: str, by: By) -> None:
    """Leave the record as it is, and tell the person why. Raises `AlreadyDecided`."""
    token = _decide(asked, State.DECLINED, reason=reason, by=by)
    _note("correction.declined", asked, reason=reason, by=by)
    _tell(asked, token)


@transaction.atomic
def confirm_insurance(record: Affiliation, *, seen: str, by: By) -> None:
    """The number in the record is right. `seen` as in `write_back.confirm`. Raises `corrections.Overtaken`."""
    write_back.confirm(record, seen=seen)
    audit.record("insurance.confirmed", actor=by.account, person=record.person, address=by.address)


@transaction.atomic
def replace_insurance(record: Affiliation, *, number: str, seen: str, by: By) -> Outcome:
    """Another AMKA is right; the AMKA registry is asked about it anew. Raises `corrections.Overtaken`."""
    if not seen:
        raise corrections.Overtaken
    if number == record.insurance_number:
        confirm_insurance(record, seen=seen, by=by)
        return Outcome(readiness.can_activate(record), [])
    corrected = corrections.correct(record, _amka(number, record), by=by.account.username, seen=seen)
    audit.record("insurance.replaced", actor=by.account, person=record.person, address=by.address)
    warnings = [warning.reason for warning in corrected.warnings]
    return Outcome(readiness.can_activate(corrected.record), warnings)


def note_insurance_unmasked(record: Affiliation, *, reason: str, by: By) -> None:
    """That the office has looked at the whole number."""
    audit.record("insurance.unmasked", actor=by.account, person=record.person, address=by.address, reason=reason)


def note_unmasked(asked: CorrectionRequest, *, reason: str, by: By) -> None:
    """That the office has looked at the whole number which was asked for."""
    _note("correction.unmasked", asked, reason=reason, by=by)


def is_kept_here(field: str) -> bool:
    """Whether accepting changes the mirror; otherwise the office mends the source and then accepts."""
    return field in WRITERS


def values_of(field: str, value: str, record: Affiliation) -> dict[str, Any]:
    """The record's fields that the value goes into; none where the source alone can be mended."""
    make = WRITERS.get(field)
    return make(value, record) if make else {}


def held_by(field: str, record: Affiliation) -> Text:
    """What the record says in this field now, an insurance number masked."""
    names = NAMES.get(field)
    if names:
        return " / ".join(filter(None, (getattr(record, name) for name in names)))
    values: dict[str, str] = {
        Field.BIRTH_DATE: record.birth_date.isoformat() if record.birth_date else "",
        Field.GENDER: str(record.gender),
        Field.AMKA: record.insurance_number,
        Field.INSURANCE_COUNTRY: record.insurance_country,
        Field.USERNAME: record.username,
    }
    return readable(field, values.get(field, ""))


def _name(field: str) -> Callable[[str, Affiliation], dict[str, Any]]:
    greek, latin = NAMES[field]
    return lambda value, _record: {greek if GREEK.search(value) else latin: value}


def _amka(number: str, _record: Affiliation) -> dict[str, Any]:
    return {
        "insurance_kind": InsuranceKind.AMKA,
        "insurance_number": number,
        "insurance_country": insurance.GREECE,
    }


def _country(country: str, record: Affiliation) -> dict[str, Any]:
    number = record.insurance_number
    kind = {"insurance_kind": insurance.kind_of(country, number)} if number else {}
    return {"insurance_country": country} | kind


NAMES: dict[str, tuple[str, str]] = {
    Field.LAST_NAME: ("last_name_el", "last_name_en"),
    Field.FIRST_NAME: ("first_name_el", "first_name_en"),
    Field.FATHER_NAME: ("father_name_el", "father_name_en"),
}
WRITERS: dict[str, Callable[[str, Affiliation], dict[str, Any]]] = {
    **{field: _name(field) for field in NAMES},
    Field.BIRTH_DATE: lambda value, _record: {"birth_date": date.fromisoformat(value)},
    Field.GENDER: lambda value, _record: {"gender": int(value)},
    Field.AMKA: _amka,
    Field.INSURANCE_COUNTRY: _country,
}


def _decide(asked: CorrectionRequest, state: str, *, reason: str, by: By) -> str:
    """One statement decides which of two decisions counts. Returns the token of the link in the answer."""
    token = secrets.token_urlsafe(12)
    still_open = CorrectionRequest.objects.filter(pk=asked.pk, state=State.ASKED)
    facts: dict[str, Any] = {
        "state": state,
        "reason": reason,
        "decided_by": by.account,
        "decided_at": timezone.now(),
        "token_digest": token_digest(token),
    }
    if not still_open.update(**facts):
        raise AlreadyDecided
    for name, fact in facts.items():
        setattr(asked, name, fact)
    return token


def _tell(asked: CorrectionRequest, token: str, **facts: str) -> None:
    """No value stands in the message, the person's own neither: only the name of the field, and a link."""
    with override(asked.language):
        field = str(asked.get_field_display())
    contacts = ((Channel.SMS, asked.mobile), (Channel.EMAIL, asked.email))
    queue(
        [Destination(channel, address) for channel, address in contacts if address],
        template="correction_answer",
        language=asked.language,
        secret=token,
        context={"field": field, **facts},
    )


def _note(act: str, asked: CorrectionRequest, *, reason: str, by: By) -> None:
    audit.record(
        act,
        actor=by.account,
        person=asked.affiliation.person,
        address=by.address,
        reason=reason,
        details={"field": asked.field, "request": asked.pk},
    )
