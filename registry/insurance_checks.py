"""AMKAs accepted while the AMKA registry could not be asked: asked about later, until it answers."""

import logging

from django.db.models import F
from django.utils import timezone

from registry import amka_service
from registry.corrections import Overtaken
from registry.models import Affiliation, InsuranceCheck, InsuranceKind

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 200

State = InsuranceCheck.State
UNSETTLED = (State.DISAGREED, State.REPLACED)


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


# ---- Again, because somebody wants to know --------------------------------------------------------------


def can_be_asked_again(check: InsuranceCheck) -> bool:
    """Whether the registry has objected, and could answer something else by now."""
    record = check.affiliation
    complete = record.insurance_kind == InsuranceKind.AMKA and record.insurance_number and record.birth_date
    return amka_service.is_online() and check.state in UNSETTLED and bool(complete)


def version(check: InsuranceCheck) -> str:
    """What somebody has seen of it, so that they ask about that and not about a later answer."""
    return f"{check.state} {check.asked_at.isoformat() if check.asked_at else ''}"


def reopen(record: Affiliation, *, seen: str) -> InsuranceCheck:
    """Forget the answer, to ask anew. Raises `Overtaken` for another version than the one that was seen."""
    check = InsuranceCheck.objects.select_related("affiliation").filter(affiliation=record).first()
    if check is None or version(check) != seen or not can_be_asked_again(check):
        raise Overtaken
    new = {"state": State.PENDING, "current_number": "", "asked_at": timezone.now()}
    if not InsuranceCheck.objects.filter(pk=check.pk, state=check.state, asked_at=check.asked_at).update(**new):
        raise Overtaken
    check.refresh_from_db(fields=list(new))
    return check


def ask_now(check: InsuranceCheck) -> bool:
    """Ask about this number; False when the service does not answer, and it is asked later with the others."""
    try:
        _ask(check)
    except amka_service.ServiceUnavailable:
        return False
    return True


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
