"""What a record becomes when its source says one thing and somebody here has corrected another."""

from dataclasses import dataclass, field
from typing import Any

from registry import contacts, insurance, names
from registry.models import Affiliation, Correction

FIELDS = {field.name: field for field in Affiliation._meta.concrete_fields}  # noqa: SLF001 Django documents _meta.
# One statement in three fields: a corrected country says nothing about another number.
INSURANCE = frozenset({"insurance_kind", "insurance_number", "insurance_country"})


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
            values[correction.field] = _typed(correction.field, correction.value)
    return Merged(values | derived(values), released)


def derived(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that follow from others: what is searched for."""
    greek = names.search_key(values["last_name_el"], values["first_name_el"])
    latin = names.search_key(values["last_name_en"], values["first_name_en"])
    return {
        "search_name": greek or latin,
        "search_name_latin": latin if greek and latin != greek else "",
        "insurance_digest": insurance.digest(values["insurance_country"], values["insurance_number"]),
        "mobile": contacts.mobile_of_record(values["mobile_given"]),
        "email": contacts.email_of_record(values["email_given"]),
    }


def text_of(value: Any) -> str:
    """A field's value as a `Correction` keeps it: dates in ISO 8601, nothing as ""."""
    return "" if value is None else str(value)


def _holds(correction: Correction, said: dict[str, Any]) -> bool:
    # A field about which the source says nothing stays corrected.
    return correction.field not in said or text_of(said[correction.field]) == correction.source_value


def _typed(name: str, text: str) -> Any:
    model_field = FIELDS[name]
    return None if model_field.null and not text else model_field.to_python(text)
