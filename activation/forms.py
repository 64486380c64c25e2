"""The forms of the activation, one for each screen."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import printed_codes
from accounts.forms import ContactEmailField, MobileField, NewPasswordForm
from registry import insurance
from registry.corrections import Insurance
from registry.models import InsuranceKind, Role


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("What is your role at the university?"),
        choices=[
            (Role.STUDENT, _("I am a student")),
            (Role.STAFF, _("I am faculty or administrative staff")),
            (Role.ASSOCIATE, _("I am temporary teaching staff")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose your role."), "invalid_choice": _("Choose your role.")},
    )


class ContactForm(forms.Form):
    mobile = MobileField(help_text=_("For example 6900000000; with the country's prefix (+…) for a number from abroad"))
    email = ContactEmailField(
        help_text=_("The one you gave to the university, not an address of the university itself"),
        if_institutional=_("This mailbox opens only after the activation. Type your other e-mail, or your mobile."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("mobile") or data.get("email")):
            raise ValidationError(_("Type your mobile or your e-mail, or both."), code="required")
        return data


class ClarifyForm(forms.Form):
    registration_number = forms.CharField(
        label=_("Registration number"),
        max_length=64,
        help_text=_("As on your registration papers"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type your registration number.")},
    )


class AmkaForm(forms.Form):
    amka = forms.CharField(
        label=_("AMKA"),
        max_length=32,
        help_text=_("11 digits, the first six are your birth date"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type your AMKA.")},
    )

    def clean_amka(self) -> str:
        number = insurance.clean(self.cleaned_data["amka"])
        if len(number) != 11 or not (number.isascii() and number.isdigit()):
            raise ValidationError(_("An AMKA has 11 digits."), code="digits")
        return number

    def supplied(self) -> Insurance:
        return Insurance(kind=InsuranceKind.AMKA, number=self.cleaned_data["amka"], country=insurance.GREECE)


class OtherInsuranceForm(forms.Form):
    country = forms.ChoiceField(
        label=_("Country of the number"),
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"required": _("Choose a country."), "invalid_choice": _("Choose a country.")},
    )
    number = forms.CharField(
        label=_("Insurance number or number of the European card"),
        max_length=40,
        help_text=_("Letters and digits; the card's number has 20 digits"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Type the number.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Choose…")), *insurance.country_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        try:
            self.kind, data["number"] = insurance.parse_other(data["country"], data["number"])
        except insurance.InsuranceProblem as problem:
            self.add_error("country" if problem.code in ("country", "greece") else "number", problem.message)
        return data

    def supplied(self) -> Insurance:
        return Insurance(kind=self.kind, number=self.cleaned_data["number"], country=self.cleaned_data["country"])


class LetterForm(RoleForm):
    registration_number = forms.CharField(
        label=_("Registration number"),
        max_length=64,
        help_text=_("It stands in the letter"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type your registration number.")},
    )
    code = forms.CharField(
        label=_("Code of the letter"),
        max_length=40,
        help_text=_("16 letters and digits. Capitals and dashes do not matter."),
        widget=forms.TextInput(attrs={"class": "longer", "autocomplete": "one-time-code", "spellcheck": "false"}),
        error_messages={"required": _("Type the code of the letter.")},
    )

    def clean_code(self) -> str:
        code = printed_codes.normalise(self.cleaned_data["code"])
        if len(code) != printed_codes.LENGTH:
            raise ValidationError(_("The code has 16 letters and digits."), code="length")
        return code


class ConfirmForm(forms.Form):
    store_contacts = forms.BooleanField(
        label=_("Store my mobile and e-mail, so that I can recover my password by SMS or e-mail"),
        help_text=_("Recommended. You can change or remove them later in MyPassword."),
        required=False,
    )


class PasswordForm(NewPasswordForm):
    accept_terms = forms.BooleanField(
        label=_("I agree with the Terms of Use and the Privacy Policy of the application"),
        error_messages={"required": _("Accept the terms to go on.")},
    )
