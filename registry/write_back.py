"""What was corrected here and has still to reach the source: confirmed, exported, gone once the source agrees.

An import takes a correction away as soon as the source says something else than it did, so whatever is still there is
what the source lacks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from registry import insurance
from registry.corrections import Overtaken, version
from registry.importing.merging import INSURANCE, typed
from registry.importing.records import TEXTS
from registry.insurance_checks import UNSETTLED
from registry.models import Affiliation, AffiliationQuerySet, Correction, InsuranceCheck

# A field of a record → the column of the views that says it.
COLUMNS = {field: column for column, field in TEXTS.items()} | {
    "mobile_given": "mobilePhone",
    "birth_date": "birthDate",
    "gender": "gender",
    "insurance_number": "ssn",
    "insurance_country": "ssnCountry",
}
# A second click on the same button gets the same rows, not none.
SAME_EXPORT = timedelta(minutes=2)
# As many keys as a statement may hold on every database.
BATCH = 500


@dataclass(frozen=True)
class Change:
    """One column of one row of the source that ought to be another; values as the record's fields have them."""

    correction: Correction
    column: str
    old: object
    new: object

    @property
    def is_insurance_number(self) -> bool:
        return self.correction.field == "insurance_number"


# ---- Insurance numbers to be confirmed ------------------------------------------------------------------


def to_confirm(records: AffiliationQuerySet) -> AffiliationQuerySet:
    """The records whose insurance number an office has to look at: typed by the person, or objected to."""
    supplied = Correction.objects.filter(
        affiliation=OuterRef("pk"), field="insurance_number", origin=Correction.Origin.PERSON, confirmed_at=None
    )
    objected = InsuranceCheck.objects.filter(affiliation=OuterRef("pk"), state__in=UNSETTLED)
    return records.filter(Exists(supplied) | Exists(objected))


@transaction.atomic
def confirm(record: Affiliation, *, seen: str) -> None:
    """The office has seen that the number is right: it goes to the source, whatever the AMKA registry said of it.

    `seen` is the record's `corrections.version` that the office has looked at. Raises `Overtaken` for another one, and
    when there is nothing to confirm any more.
    """
    held = Affiliation.objects.select_for_update().get(pk=record.pk)
    if version(held) != seen:
        raise Overtaken
    supplied = held.corrections.filter(field__in=INSURANCE, origin=Correction.Origin.PERSON, confirmed_at=None)
    confirmed = supplied.update(confirmed_at=timezone.now())
    settled, _details = InsuranceCheck.objects.filter(affiliation=held, state__in=UNSETTLED).delete()
    if not (confirmed or settled):
        raise Overtaken


# ---- Export ---------------------------------------------------------------------------------------------


def due(records: AffiliationQuerySet) -> QuerySet[Correction]:
    """The confirmed corrections of these records that their source does not have yet."""
    confirmed = Q(origin=Correction.Origin.OFFICE) | Q(confirmed_at__isnull=False)
    found = Correction.objects.filter(confirmed, affiliation__in=records, field__in=COLUMNS)
    return found.select_related("affiliation__department").order_by("created_at", "pk")


def new(corrections: QuerySet[Correction]) -> QuerySet[Correction]:
    """Those of them that were not exported yet, a moment ago apart."""
    return corrections.filter(Q(exported_at=None) | Q(exported_at__gt=timezone.now() - SAME_EXPORT))


def mark_exported(corrections: Sequence[Correction], *, read_at: datetime) -> None:
    """Note that these values went out. One that was corrected again after `read_at` has another value by now."""
    pks = [correction.pk for correction in corrections]
    for start in range(0, len(pks), BATCH):
        same = Correction.objects.filter(pk__in=pks[start : start + BATCH], created_at__lte=read_at)
        same.update(exported_at=timezone.now())


def changes(corrections: Iterable[Correction]) -> Iterator[Change]:
    """What the source has to change. A column in which both values are the same is left out."""
    for correction in corrections:
        old, new_value = (typed(correction.field, text) for text in (correction.source_value, correction.value))
        if old != new_value:
            yield Change(correction, COLUMNS[correction.field], old, new_value)


def shown(change: Change, value: object, *, whole: bool) -> object:
    """The value as a table shows it: an insurance number whole only for who may see it."""
    return insurance.mask(str(value or "")) if change.is_insurance_number and not whole else value
