"""What somebody here knows better than the source, kept against imports until the source agrees."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from registry import insurance
from registry.models import Affiliation, Correction, InsuranceKind


@dataclass(frozen=True)
class Insurance:
    """An insurance number as a person typed it, checked."""

    kind: InsuranceKind
    number: str
    country: str


@transaction.atomic
def supply_insurance(record: Affiliation, *, supplied: Insurance) -> None:
    """Put the number that the person typed into a record that has none; the secretariat confirms it later."""
    values = {
        "insurance_kind": supplied.kind,
        "insurance_number": supplied.number,
        "insurance_country": supplied.country,
    }
    Correction.objects.bulk_create(
        [
            Correction(
                affiliation=record,
                field=field,
                source_value=getattr(record, field),
                value=value,
                origin=Correction.Origin.PERSON,
            )
            for field, value in values.items()
        ],
        update_conflicts=True,
        unique_fields=["affiliation", "field"],
        update_fields=["value", "origin"],
    )
    for field, value in values.items():
        setattr(record, field, value)
    record.insurance_digest = insurance.digest(supplied.country, supplied.number)
    record.updated_at = timezone.now()
    record.save(update_fields=[*values, "insurance_digest", "updated_at"])
