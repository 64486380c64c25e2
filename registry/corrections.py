"""What somebody here knows better than the source, kept against imports until the source agrees.

Each change is kept three times over: in the record, which the activation reads; in a `Correction`, which imports
heed; and in the history, which says who changed what from what to what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import encryption
from registry.importing import persons
from registry.importing.merging import INSURANCE, derived, text_of, typed
from registry.importing.report import Finding
from registry.models import CORRECTABLE, Affiliation, Correction, InsuranceCheck, InsuranceKind, Person

# Why a row of the history was written.
BEFORE, CORRECTED, SUPPLIED, RELEASED = "before", "corrected", "supplied", "released"
# What the AMKA registry is asked about: after a change of one it is asked again.
COMPARED = INSURANCE | {"last_name_el", "last_name_en", "birth_date"}
IDENTITY = INSURANCE | {"birth_date"}
# A correction of a field that is corrected already: the source's value stays what it was.
UPSERT: dict[str, Any] = {
    "update_conflicts": True,
    "unique_fields": ["affiliation", "field"],
    "update_fields": ["value", "origin", "author", "created_at", "confirmed_at", "exported_at"],
}


class Overtaken(Exception):
    message = _(
        "Somebody else, or an import, has changed this record meanwhile. Look at it again before you correct it."
    )


class NotCorrected(Exception):
    message = _("This field is not kept against the source any more.")


@dataclass(frozen=True)
class Insurance:
    """An insurance number as a person typed it, checked."""

    kind: InsuranceKind
    number: str
    country: str


@dataclass(frozen=True)
class Corrected:
    """The record as it is now, the names of the fields that changed, and what needs a human decision."""

    record: Affiliation
    fields: list[str]
    warnings: list[Finding]


def version(record: Affiliation) -> str:
    """A keyed digest of all that can be corrected: whoever has seen another one has seen another record."""
    values = (text_of(getattr(record, name)) for name in CORRECTABLE)
    return encryption.digest("\x1f".join(values), purpose="version")


@transaction.atomic
def correct(record: Affiliation, values: Mapping[str, Any], *, by: str, seen: str = "") -> Corrected:
    """Put these values, of fields in `CORRECTABLE`, into the record; `by` is the username of who knows better.

    The caller has checked the values. A field that goes back to what the source says is no longer a correction.
    Raises `Overtaken` where `seen` is another `version` than the record's.
    """
    held = _lock(record)
    if seen and seen != version(held):
        raise Overtaken
    return _settled(held, _change(held, values, by=by, why=CORRECTED))


@transaction.atomic
def supply_insurance(record: Affiliation, *, supplied: Insurance) -> None:
    """Put the number that the person typed into a record that has none; the secretariat confirms it later.

    Whose the record is stays as it is: the caller has made sure of it, and is opening an account for this person.
    """
    values = {
        "insurance_kind": supplied.kind,
        "insurance_number": supplied.number,
        "insurance_country": supplied.country,
    }
    before = _row(record, by="", why=BEFORE)
    Correction.objects.bulk_create(
        [_pinned(record, name, text_of(getattr(record, name)), text_of(value)) for name, value in values.items()],
        **UPSERT,
    )
    _put(record, values)
    Affiliation.history.model.objects.bulk_create([before, _row(record, by="", why=SUPPLIED)])
    Person.objects.filter(pk=record.person_id).revise()


@transaction.atomic
def release(record: Affiliation, *, field: str, by: str) -> Corrected:
    """Take back what the source says of this field, of the three fields of an insurance number together.

    Raises `NotCorrected`.
    """
    held = _lock(record)
    together = INSURANCE if field in INSURANCE else {field}
    released = list(held.corrections.filter(field__in=together))
    if not released:
        raise NotCorrected
    values = {correction.field: typed(correction.field, correction.source_value) for correction in released}
    changed = _change(held, values, by=by, why=RELEASED)
    held.corrections.filter(pk__in=[correction.pk for correction in released]).delete()
    return _settled(held, changed)


def _lock(record: Affiliation) -> Affiliation:
    return Affiliation.objects.select_for_update().get(pk=record.pk)


def _change(held: Affiliation, values: Mapping[str, Any], *, by: str, why: str) -> list[str]:
    """Write the values that are others, and all that is kept of them; the names of these fields."""
    changed = {name: value for name, value in values.items() if getattr(held, name) != value}
    if not changed:
        return []
    _note_what_was(held)
    _pin(held, changed, by=by)
    _put(held, changed)
    _row(held, by=by, why=why).save()
    Person.objects.filter(pk=held.person_id).revise()
    return list(changed)


def _put(record: Affiliation, values: Mapping[str, Any]) -> None:
    """The values into the record, with what follows from them."""
    for name, value in values.items():
        setattr(record, name, value)
    follows = derived({field.attname: getattr(record, field.attname) for field in Affiliation._meta.concrete_fields})  # noqa: SLF001
    for name, value in follows.items():
        setattr(record, name, value)
    record.save(update_fields=[*values, *follows, "updated_at"])


def _settled(held: Affiliation, fields: list[str]) -> Corrected:
    """Whose the record is, and whether its AMKA is right, after these fields have changed."""
    # A warning names the line of an import; here there is none.
    warnings = persons.settle({held.pk: 0}).warnings if IDENTITY & set(fields) else []
    if COMPARED & set(fields):
        waiting = {"state": InsuranceCheck.State.PENDING, "current_number": "", "asked_at": None}
        InsuranceCheck.objects.filter(affiliation=held).update(**waiting)
    held.refresh_from_db()
    return Corrected(held, fields, warnings)


def _pin(held: Affiliation, changed: Mapping[str, Any], *, by: str) -> None:
    """Keep the changed fields against imports, the insurance number's three together; not what the source says too."""
    names = set(changed) | (INSURANCE if INSURANCE & set(changed) else set())
    said = {correction.field: correction.source_value for correction in held.corrections.filter(field__in=names)}
    said = {name: said.get(name, text_of(getattr(held, name))) for name in names}
    wanted = {name: text_of(changed.get(name, getattr(held, name))) for name in names}
    agreed = {name for name in names if said[name] == wanted[name]}
    if not INSURANCE & names <= agreed:
        agreed -= INSURANCE
    if agreed:
        held.corrections.filter(field__in=agreed).delete()
    Correction.objects.bulk_create(
        [_pinned(held, name, said[name], wanted[name], author=by) for name in sorted(names - agreed)], **UPSERT
    )


def _pinned(record: Affiliation, field: str, said: str, value: str, *, author: str = "") -> Correction:
    origin = Correction.Origin.OFFICE if author else Correction.Origin.PERSON
    return Correction(affiliation=record, field=field, source_value=said, value=value, origin=origin, author=author)


# ---- History --------------------------------------------------------------------------------------------


def _note_what_was(held: Affiliation) -> None:
    """The state before the change, unless it is the one after the change before: imports write no history."""
    latest = Affiliation.history.filter(id=held.pk).first()
    if latest is None or any(getattr(latest, name) != getattr(held, name) for name in CORRECTABLE):
        _row(held, by="", why=BEFORE).save()


def _row(record: Affiliation, *, by: str, why: str) -> Any:
    """A row of the history with the record as it is, not saved yet."""
    rows = Affiliation.history.model
    return rows(
        history_date=timezone.now(),
        history_type="~",
        history_user_id=by,
        history_change_reason=why,
        **{field.attname: getattr(record, field.attname) for field in rows.tracked_fields},
    )
