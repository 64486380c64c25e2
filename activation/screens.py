"""What the screens show beside their forms."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.pin_screen import PinScreen
from activation import flow
from activation.models import Activation
from registry import insurance
from registry.contacts import mask_email, mask_mobile
from registry.encryption import digest
from registry.models import Gender

Text = str | Promise


@dataclass(frozen=True)
class Fact:
    """One line of the data about to be registered."""

    field: str
    label: Text
    value: Text


def pin(activation: Activation) -> PinScreen:
    return PinScreen(purpose=flow.purpose_of(activation), binding=activation.key_digest)


def contacts(activation: Activation) -> list[str]:
    """Where an answer goes, masked."""
    return [shown for shown in (mask_mobile(activation.mobile), mask_email(activation.email)) if shown]


def facts(activation: Activation) -> list[Fact]:
    """The personal data about to be registered, without what the record does not have."""
    record = activation.record
    number = activation.insurance_number or record.insurance_number
    lines = (
        Fact("username", _("Username"), record.username),
        Fact("last_name", _("Surname"), _both(record.last_name_el, record.last_name_en)),
        Fact("first_name", _("First name"), _both(record.first_name_el, record.first_name_en)),
        Fact("father_name", _("Father's name"), _both(record.father_name_el, record.father_name_en)),
        Fact("birth_date", _("Birth date"), f"{record.birth_date:%d/%m/%Y}" if record.birth_date else ""),
        Fact("gender", _("Gender"), Gender(record.gender).label),
        Fact("insurance", _("AMKA or insurance number"), insurance.mask(number)),
        Fact("department", _("Department"), record.department.name if record.department else ""),
        Fact("registration_number", _("Registration number"), record.registration_number),
        Fact("mobile", _("Mobile phone"), activation.mobile),
        Fact("email", _("E-mail"), activation.email),
    )
    return [line for line in lines if line.value]


def seen(activation: Activation) -> str:
    """A keyed digest that is another one as soon as `facts` may be: it comes back with the answer to them."""
    record = activation.record
    shown = f"{record.pk} {record.updated_at.isoformat()} {activation.insurance_number} {activation.mobile}"
    return digest(f"{shown} {activation.email}", purpose="seen")


def _both(greek: str, latin: str) -> str:
    return f"{greek} ({latin})" if greek and latin else greek or latin
