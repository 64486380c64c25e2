"""The forms of a correction request: one for each field of the record, so that each value has the form it needs."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import ContactEmailField, MobileField
from activation.models import CorrectionRequest
from activation.models.correction_request import LONGEST_REMARK
from registry import insurance, syntax
from registry.importing.records import EARLIEST
from registry.models import Gender

Field = CorrectionRequest.Field
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’ʼ-])*")
GREEK, LATIN = re.compile(r"[Ά-ώἀ-ῼ]"), re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿĀ-ž]")
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class CorrectionForm(forms.Form):
    """What every request has; `right_value()` is what should be there, as a `Correction` keeps it.

    The office's form has the same `value`, which may stay empty there.
    """

    remark = forms.CharField(
        label=_("Remark (if something has to be explained)"),
        help_text=_("At most 500 characters. Never write a password or a PIN here."),
        max_length=LONGEST_REMARK,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ["value", "remark"]

    def right_value(self) -> str:
        return str(self.cleaned_data.get("value") or "")


class NameForm(CorrectionForm):
    value = forms.CharField(
        label=_("As it should be"),
        help_text=_("In Greek letters, or in Latin ones if it is the Latin spelling that is wrong"),
        max_length=100,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"required": _("Type the name as it should be.")},
    )

    def clean_value(self) -> str:
        name = tidy(self.cleaned_data["value"])
        if name and not NAME.fullmatch(name):
            raise ValidationError(_("A name is made of letters, spaces, hyphens and apostrophes."), code="characters")
        if name and bool(GREEK.search(name)) is bool(LATIN.search(name)):
            raise ValidationError(_("Use either Greek or Latin letters, not both."), code="alphabets")
        return name


class BirthDateForm(CorrectionForm):
    value = forms.DateField(
        label=_("As it should be"),
        help_text=_("Day, month, year, for example 14/05/2006"),
        input_formats=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs=PLAIN | {"inputmode": "numeric", "maxlength": 10}),
        error_messages={
            "required": _("Type the birth date."),
            "invalid": _("This is no date. Type day, month and year, as in 14/05/2006."),
        },
    )

    def clean_value(self) -> date | None:
        day: date | None = self.cleaned_data["value"]
        if day and not EARLIEST <= day <= date.today():  # noqa: DTZ011 A birth date knows no time zone.
            raise ValidationError(_("Nobody alive was born on that day."), code="range")
        return day


class GenderForm(CorrectionForm):
    value = forms.ChoiceField(
        label=_("As it should be"),
        choices=[(str(gender.value), gender.label) for gender in (Gender.FEMALE, Gender.MALE)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one.")},
    )


class AmkaRequestForm(CorrectionForm):
    value = forms.CharField(
        label=_("The right AMKA"),
        help_text=_("11 digits, the first six are your birth date"),
        max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type the AMKA.")},
    )

    def clean_value(self) -> str:
        number = insurance.clean(self.cleaned_data["value"])
        if not number:
            return ""
        try:
            # Birth date and gender may be what is wrong in the record: only the number itself is looked at.
            insurance.check_amka(number, birth_date=None, gender=Gender.UNKNOWN)
        except insurance.InsuranceProblem as problem:
            raise ValidationError(problem.message, code=problem.code) from None
        return number


class CountryForm(CorrectionForm):
    value = forms.ChoiceField(
        label=_("Country that gave the number"),
        error_messages={"required": _("Choose a country."), "invalid_choice": _("Choose a country.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        greece = (insurance.GREECE, insurance.country_name(insurance.GREECE))
        self.fields["value"].choices = [("", _("Choose…")), greece, *insurance.country_choices()]  # type: ignore[attr-defined]


class UsernameForm(CorrectionForm):
    value = forms.CharField(
        label=_("The username that you were given (leave it empty if you were given none)"),
        help_text=_("4 to 20 small Latin letters and digits, for example inf2620001"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs=PLAIN | {"autocapitalize": "none"}),
    )

    def clean_value(self) -> str:
        name = tidy(self.cleaned_data["value"])
        if name and not syntax.is_username(name):
            raise ValidationError(_("The username does not have the form of one."), code="invalid")
        return name


class OtherForm(CorrectionForm):
    """Something that has no value of its own: then it must be explained."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remark = self.fields["remark"]
        remark.label, remark.required = _("What is wrong, and what would be right"), True
        remark.error_messages["required"] = _("Write what is wrong.")


class RecordForm(forms.Form):
    """What a record was found by, from the button of the error page, which stands above the form of the contact."""

    PREFIX = "record"

    mobile = MobileField()
    email = ContactEmailField()
    registration_number = forms.CharField(max_length=64, required=False)


FORMS: dict[str, type[CorrectionForm]] = {
    Field.LAST_NAME: NameForm,
    Field.FIRST_NAME: NameForm,
    Field.FATHER_NAME: NameForm,
    Field.BIRTH_DATE: BirthDateForm,
    Field.GENDER: GenderForm,
    Field.AMKA: AmkaRequestForm,
    Field.INSURANCE_COUNTRY: CountryForm,
    Field.USERNAME: UsernameForm,
    Field.OTHER: OtherForm,
}


def tidy(text: str) -> str:
    """Composed (NFC), trimmed, with single blanks; an error for what no keyboard writes."""
    text = syntax.tidy(text)
    if not text.isprintable():
        raise ValidationError(_("The field holds control or invisible characters."), code="characters")
    return text
