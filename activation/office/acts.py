"""What an office does with a record beside correcting it. Each act stands in the audit trail."""

from django.db import transaction
from django.http import HttpRequest

from accounts import audit, throttle
from accounts.models import Account
from registry import corrections
from registry.corrections import Corrected
from registry.models import Affiliation


def note_correction(account: Account, done: Corrected, *, request: HttpRequest, act: str = "record.corrected") -> None:
    """Keep who corrected which fields of whose record; from what to what stands in the record's history."""
    if not done.fields:
        return
    audit.record(
        act,
        actor=account,
        person=done.record.person,
        address=throttle.client_address(request),
        details={"record": done.record.pk, "fields": done.fields},
    )


@transaction.atomic
def release(account: Account, record: Affiliation, *, field: str, request: HttpRequest) -> Corrected:
    """Give a corrected field back to its source. Raises `corrections.NotCorrected`."""
    done = corrections.release(record, field=field, by=account.username)
    note_correction(account, done, request=request, act="record.released")
    return done


def reveal(account: Account, record: Affiliation, *, reason: str, request: HttpRequest) -> str:
    """The record's insurance number in clear. Raises `TooMany`."""
    throttle.count("office:unmask", str(account.pk))
    audit.record(
        "record.revealed",
        actor=account,
        person=record.person,
        address=throttle.client_address(request),
        reason=reason,
        details={"record": record.pk, "field": "insurance_number"},
    )
    return str(record.insurance_number)
