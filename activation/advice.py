"""What a screen adds to an error: the fields concerned, who mends them, what to do now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activation.refusals import RecordRefused
from registry import readiness, readings
from registry.models import Affiliation, Role
from registry.readiness import Field, Hindrance
from registry.readings import Readings

Text = str | Promise


@dataclass(frozen=True)
class Office:
    """Whom to ask: the department's secretariat for students, the personnel office for staff."""

    name: Text
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Trouble:
    """An error of the record, with all that somebody needs to have it mended."""

    message: Text
    explanation: Text
    advice: Sequence[Text]
    office: Office
    fields: Sequence[Field] = field(default_factory=tuple)
    helpdesk_email: str = settings.HELPDESK_EMAIL
    # Since when a correction shows here.
    readings: Readings | None = None
    # What was typed to find the record, where its office can be asked for a correction.
    typed: dict[str, str] | None = None


def office_of(role: str, record: Affiliation | None = None) -> Office:
    if role != Role.STUDENT:
        return Office(_("the personnel office"), settings.PERSONNEL_EMAIL)
    department = record.department if record else None
    if department is None:
        return Office(_("the secretariat of your department"))
    name = _("the secretariat of the department: %(department)s")
    return Office(str(name) % {"department": department.name}, department.email, department.phone)


def not_found(role: str) -> Trouble:
    return Trouble(
        message=_("No user was found with these details."),
        explanation=_("The university's records hold no such mobile or e-mail for the role you chose."),
        advice=(
            _("If you typed both, they must belong to the same record: try with one of them."),
            _("Ask the office to check the mobile and e-mail in your record."),
            _("The mobile must be recorded with the country's prefix, +30 for Greece."),
        ),
        office=office_of(role),
        readings=readings.of_role(role),
    )


def refused(error: RecordRefused, *, typed: dict[str, str] | None = None) -> Trouble:
    """The two errors of a record that was found but can't be activated; `typed` is what it was found by."""
    if error.hindrance is Hindrance.INSURANCE:
        return replace(_insurance_failed(error.record, error.typed_number), typed=typed)
    return Trouble(
        message=_("The user does not have the required details filled in."),
        explanation=_("Each of these must have a value. Empty parentheses show what is missing."),
        fields=readiness.required_fields(error.record),
        advice=(
            _("Ask the office to fill in everything that is missing, then start again."),
            _("If nothing is missing, write to the helpdesk with your department and registration number."),
        ),
        office=office_of(error.record.role, error.record),
        readings=readings.of_role(error.record.role),
        typed=typed,
    )


def _insurance_failed(record: Affiliation, typed_number: str) -> Trouble:
    if typed_number:
        first = _("Check the number you typed. If it is right, the office must check your surname and birth date.")
    else:
        first = _("If one of these is wrong, ask the office to correct it, then start again.")
    return Trouble(
        message=_("The check of the AMKA failed."),
        explanation=_("These three must agree with the AMKA registry. For your safety only a part of each is shown."),
        fields=readiness.insurance_fields(record, number=typed_number),
        advice=(
            first,
            _(
                "If all three are right, check your AMKA and birth date at www.amka.gr. "
                "Any citizens' service centre (KEP) can correct them."
            ),
            _("If that does not help, write to the helpdesk with your department and registration number."),
        ),
        office=office_of(record.role, record),
        readings=readings.of_role(record.role),
    )
