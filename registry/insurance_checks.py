"""AMKAs accepted while the AMKA registry could not be asked: asked about later, until it answers."""

import logging

from django.db.models import F
from django.utils import timezone

from registry import amka_service
from registry.models import Affiliation, InsuranceCheck, InsuranceKind

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 200

State = InsuranceCheck.State


def note(record: Affiliation, *, verdict_source: str, current_number: str = "") -> None:
    """Keep what is left to do about the AMKA of a record that was just activated; nothing, if all is well."""
    if not amka_service.is_online() or record.insurance_kind != InsuranceKind.AMKA:
        return
    if verdict_source == amka_service.GUNET and not current_number:
        return
    state = State.REPLACED if verdict_source == amka_service.GUNET else State.PENDING
    InsuranceCheck.objects.update_or_create(
        affiliation=record, defaults={"state": state, "current_number": current_number, "asked_at": None}
    )


def ask_pending() -> int:
    """Ask about the numbers that wait; stops at the first time the service does not answer. Returns how many."""
    pending = InsuranceCheck.objects.filter(state=State.PENDING).select_related("affiliation")
    asked = 0
    for check in pending.order_by(F("asked_at").asc(nulls_first=True), "created_at")[:ASKED_AT_ONCE]:
        check.asked_at = timezone.now()
        # Noted before the answer: a number that the service stumbles over is next time the last one, not the first.
        check.save(update_fields=["asked_at"])
        try:
            _ask(check)
        except amka_service.ServiceUnavailable:
            break
        asked += 1
    return asked


def _ask(check: InsuranceCheck) -> None:
    record = check.affiliation
    if record.birth_date is None or not record.insurance_number:
        return
    verdict = amka_service.ask(number=record.insurance_number, surname=record.surname, birth_date=record.birth_date)
    if not verdict.agrees:
        check.state = State.DISAGREED
    else:
        check.state = State.REPLACED if verdict.current_number else State.AGREED
    check.current_number = verdict.current_number
    check.save(update_fields=["state", "current_number"])
