"""What the offices' pages say of a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import insurance, readiness
from registry.contacts import mask_date, mask_email, mask_mobile, mask_text
from registry.importing.merging import typed
from registry.models import Affiliation, Correction, Status


def surname_first(record: Affiliation) -> str:
    """As lists are sorted."""
    return (
        f"{record.last_name_el} {record.first_name_el}".strip()
        or f"{record.last_name_en} {record.first_name_en}".strip()
        or str(record)
    )


def kind_and_number(record: Affiliation) -> str:
    """Below the name, to tell namesakes apart."""
    return " ".join(filter(None, [record.get_kind_display(), record.registration_number]))


def state_of(record: Affiliation) -> str:
    """What stands between the person and an account, in a few words."""
    if record.person.activated_at is not None:
        return _("activated")
    lacks = lacks_of(record)
    if not record.is_current:
        return lacks
    if readiness.can_activate(record):
        return _("can activate") + (f" ({lacks})" if lacks else "")
    return _("cannot: %(lacks)s") % {"lacks": lacks}


def lacks_of(record: Affiliation) -> str:
    """What is the matter with it."""
    if record.vanished_at is not None:
        return _("no longer in its source")
    if record.status == Status.INACTIVE:
        return _("not current")
    return ", ".join(str(condition.lack) for condition in readiness.findings(record))


def say_readiness(request: HttpRequest, record: Affiliation) -> None:
    """Tell whoever corrected a record whether its person can activate now."""
    if readiness.can_activate(record):
        messages.success(request, _("The person can activate now."))
    else:
        text = _("The person still cannot activate: %(lacks)s.")
        messages.warning(request, text % {"lacks": lacks_of(record)})


# ---- Values -----------------------------------------------------------------------------------------------


def label_of(field: str) -> str:
    return str(Affiliation._meta.get_field(field).verbose_name)  # type: ignore[union-attr] # noqa: SLF001 Django documents _meta.


def shown(field: str, value: Any, *, masked: bool = False) -> str:
    """A field's value in words; an insurance number masked always, the rest for who only looks at the record."""
    if value in ("", None):
        return "–"
    if field == "insurance_number":
        return insurance.mask(value)
    if masked:
        return _masked(field, value)
    model_field = Affiliation._meta.get_field(field)  # noqa: SLF001 Django documents _meta.
    choices = dict(getattr(model_field, "flatchoices", ()))
    if choices:
        return str(choices.get(value, value))
    return date_format(value, "j/n/Y") if field == "birth_date" else str(value)


def _masked(field: str, value: Any) -> str:
    if field == "birth_date":
        return mask_date(value)
    if field == "mobile_given":
        return mask_mobile(value)
    return mask_email(value) or mask_text(value) if field == "email_given" else mask_text(str(value))


@dataclass(frozen=True)
class Pin:
    """A corrected field: what it says here, what its source says, whose correction it is."""

    field: str
    label: str
    here: str
    source: str
    by: str
    at: datetime


def pins_of(record: Affiliation) -> list[Pin]:
    """The fields that are kept against imports."""
    return [_pin(correction) for correction in record.corrections.order_by("field")]


def _pin(correction: Correction) -> Pin:
    field = correction.field
    return Pin(
        field=field,
        label=label_of(field),
        here=shown(field, typed(field, correction.value)),
        source=shown(field, typed(field, correction.source_value)),
        by=correction.author or str(Correction.Origin(correction.origin).label),
        at=correction.created_at,
    )
