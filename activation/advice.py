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
    return _nobody(
        role,
        _("The university's records hold no such mobile or e-mail for the role you chose."),
        _("If you typed both, they must belong to the same record: try with one of them."),
        _("Ask the office to check the mobile and e-mail in your record."),
        _("The mobile must be recorded with the country's prefix, +30 for Greece."),
    )


def not_told_apart(role: str) -> Trouble:
    return _nobody(
        role,
        _("Several people have this mobile or e-mail, and none of them has this registration number."),
        _("Check the registration number on your papers, and type it as it stands there."),
        _("Or go back and give a mobile or an e-mail that is yours alone."),
        _("If the number is right, ask the office to check it in your record."),
    )


def _nobody(role: str, explanation: Text, *advice: Text) -> Trouble:
    return Trouble(
        message=_("No user was found with these details."),
        explanation=explanation,
        advice=advice,
        office=office_of(role),
        readings=readings.of_role(role),
    )


def refused(error: RecordRefused, *, typed: dict[str, str] | None = None) -> Trouble:
    """The two errors of a record that was found but can't be activated; `typed` is what it was found by."""
    if error.hindrance is Hindrance.INSURANCE:
        return replace(_insurance_failed(error.record, error.typed_number), typed=typed)
    record = error.record
    may_be_empty = (_("Your AMKA and its country may stay empty."),) if readiness.needs_no_insurance(record) else ()
    return Trouble(
        message=_("The user does not have the required details filled in."),
        explanation=_("Each of these must have a value. Empty parentheses show what is missing."),
        fields=readiness.required_fields(record),
        advice=(
            *may_be_empty,
            _("Ask the office to fill in everything that is missing, then start again."),
            _("If nothing is missing, write to the helpdesk with your department and registration number."),
        ),
        office=office_of(record.role, record),
        readings=readings.of_role(record.role),
        typed=typed,
    )


def _insurance_failed(record: Affiliation, typed_number: str) -> Trouble:
    advice = []
    if typed_number:
        advice.append(
            _("Check the number you typed. If it is right, the office must check your surname and birth date.")
        )
    else:
        advice.append(_("If one of these is wrong, ask the office to correct it, then start again."))
    if readiness.only_gender_disagrees(record, typed_number):
        advice.append(_("The gender in your record does not fit the AMKA: ask the office to correct it."))
    if typed_number:
        # Said whether another record has the number or not: nobody learns whose numbers the university knows.
        advice.append(
            _("If you have or had another role at the university, tell the helpdesk: the records may be two.")
        )
    advice += [
        _(
            "If all three are right, check your AMKA and birth date at www.amka.gr. "
            "Any citizens' service centre (KEP) can correct them."
        ),
        _("If that does not help, write to the helpdesk with your department and registration number."),
    ]
    return Trouble(
        message=_("The check of the AMKA failed."),
        explanation=_("These three must agree with the AMKA registry. For your safety only a part of each is shown."),
        fields=readiness.insurance_fields(record, number=typed_number),
        advice=advice,
        office=office_of(record.role, record),
        readings=readings.of_role(record.role),
    )
