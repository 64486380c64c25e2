"""Imports invented rows and looks at what has become of the mirror."""

from typing import Any

from django.core import serializers

from registry.importing import Report, import_records
from registry.models import Affiliation, Correction, Department, Person, Source
from tests.registry.sheets import numbered

AMKA, OTHER_AMKA = "21030500066", "21030500124"
KNOWN = {"ssn": AMKA, "ssnCountry": "GR"}


def run(*rows: dict[str, str], source: Source = Source.SIS, **options: Any) -> Report:
    return import_records(numbered(*rows), source=source, name="test", **options)


def counts(report: Report) -> tuple[int, int, int, int, int, int]:
    return tuple(report.counts().values())  # type: ignore[return-value] # Six figures in the contract's order.


def everything() -> list[str]:
    """All rows of the registry, to see that nothing changed."""
    models = (Department, Person, Affiliation, Correction)
    return [serializers.serialize("json", model.objects.order_by("pk")) for model in models]


def get(number: int = 1) -> Affiliation:
    return Affiliation.objects.get(system_id=f"S{number}")


def correct(record: Affiliation, field: str, value: str) -> None:
    Correction.objects.create(
        affiliation=record, field=field, source_value=getattr(record, field), value=value, origin="office"
    )
    setattr(record, field, value)
    record.save()
