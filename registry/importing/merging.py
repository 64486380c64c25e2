"""What a record becomes when its source says one thing and somebody here has corrected another."""

from dataclasses import dataclass, field
from typing import Any

from registry import contacts, insurance, names
from registry.models import Affiliation, Correction

FIELDS = {field.name: field for field in Affiliation._meta.concrete_fields}  # noqa: SLF001 Django documents _meta.
# One statement in three fields: a corrected country says nothing about another number.
INSURANCE = frozenset({"insurance_kind", "insurance_number", "insurance_country"})
# What a new key or version of the installation changes without the source having changed.
SILENT = frozenset({"amka_flaw", "insurance_digest", "search_name", "search_name_latin"})


@dataclass
class Merged:
    """The record's new values, and which of its corrections the source has made needless."""

    values: dict[str, Any]
    released: list[Correction] = field(default_factory=list)


def merge(said: dict[str, Any], corrections: list[Correction]) -> Merged:
    """Put the source's values together with the corrections that still hold.

    A correction holds while the source says what it said when the correction was made; it is released as soon as the
    source says anything else, the corrected value or a third one, and then the source's value stands. The three
    fields of the insurance number are released together.
    """
    released = [correction for correction in corrections if not _holds(correction, said)]
    if any(correction.field in INSURANCE for correction in released):
        released = [correction for correction in corrections if correction in released or correction.field in INSURANCE]
    values = dict(said)
    for correction in corrections:
        if correction not in released and correction.field in said:
            values[correction.field] = typed(correction.field, correction.value)
    return Merged(values | derived(values), released)


def derived(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that follow from others: what is searched for, and what queries can't see in encrypted ones."""
    greek = names.search_key(values["last_name_el"], values["first_name_el"])
    latin = names.search_key(values["last_name_en"], values["first_name_en"])
    return {
        "search_name": greek or latin,
        "search_name_latin": latin if greek and latin != greek else "",
        "insurance_digest": insurance.digest(values["insurance_country"], values["insurance_number"]),
        "amka_flaw": insurance.amka_flaw(
            values["insurance_kind"],
            values["insurance_number"],
            birth_date=values["birth_date"],
            gender=values["gender"],
        ),
        "mobile": contacts.mobile_of_record(values["mobile_given"]),
        "email": contacts.email_of_record(values["email_given"]),
    }


def text_of(value: Any) -> str:
    """A field's value as a `Correction` keeps it: dates in ISO 8601, nothing as ""."""
    return "" if value is None else str(value)


def typed(name: str, text: str) -> Any:
    """A field's value from the text that `text_of` made of it."""
    model_field = FIELDS[name]
    return None if model_field.null and not text else model_field.to_python(text)


def corrections_of(records: list[int]) -> dict[int, list[Correction]]:
    """The corrections of these records, by record."""
    found: dict[int, list[Correction]] = {}
    for correction in Correction.objects.filter(affiliation_id__in=records) if records else ():
        found.setdefault(correction.affiliation_id, []).append(correction)
    return found


def differing(held: Affiliation, department: str, values: dict[str, Any]) -> list[str]:
    """The names of the fields in which the record is to become another."""
    names = [name for name, value in values.items() if name not in SILENT and getattr(held, name) != value]
    if (held.department.code if held.department else "") != department:
        names.append("department")
    if held.vanished_at:
        names.append("vanished_at")
    return names


def _holds(correction: Correction, said: dict[str, Any]) -> bool:
    # A field about which the source says nothing stays corrected.
    return correction.field not in said or text_of(said[correction.field]) == correction.source_value
