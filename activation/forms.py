"""The forms of the activation, one for each screen."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from accounts import pins
from accounts.opening import Applicant
from accounts.passwords import MAX_LENGTH
from registry import insurance
from registry.contacts import email_of_record
from registry.corrections import Insurance
from registry.models import InsuranceKind, Role
from registry.readiness import is_institutional


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
    mobile = PhoneNumberField(
        label=_("Mobile phone"),
        required=False,
        region="GR",
        help_text=_("For example 6900000000; with the country's prefix (+…) for a number from abroad"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 32}),
        error_messages={"invalid": _("This is not a telephone number. Type digits only, as in 6900000000.")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("The one you gave to the university, not an address of the university itself"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": _("This is not an e-mail address. Type it as in name@example.org.")},
    )

    def clean_mobile(self) -> str:
        mobile = self.cleaned_data["mobile"]
        return mobile.as_e164 if mobile else ""

    def clean_email(self) -> str:
        email = email_of_record(self.cleaned_data["email"])
        if is_institutional(email):
            raise ValidationError(
                _("This mailbox opens only after the activation. Type your other e-mail, or your mobile."),
                code="institutional",
            )
        return email

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


class PinForm(forms.Form):
    pin = forms.CharField(
        label=_("PIN"),
        max_length=16,
        help_text=_("The six digits of the message"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Type the PIN of the message.")},
        validators=[RegexValidator(rf"^\s*(?:[0-9]\s*){{{pins.DIGITS}}}$", _("The PIN has six digits."), "digits")],
    )

    def clean_pin(self) -> str:
        return "".join(self.cleaned_data["pin"].split())


class ConfirmForm(forms.Form):
    store_contacts = forms.BooleanField(
        label=_("Store my mobile and e-mail, so that I can recover my password by SMS or e-mail"),
        help_text=_("Recommended. You can change or remove them later in MyPassword."),
        required=False,
        initial=True,
    )


class PasswordForm(forms.Form):
    """The clear password is in `cleaned_data` for the length of one request and never rendered again."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type a password.")},
    )
    password2 = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password once more.")},
    )
    accept_terms = forms.BooleanField(
        label=_("I agree with the Terms of Use and the Privacy Policy of the application"),
        error_messages={"required": _("Accept the terms to go on.")},
    )

    def __init__(self, *args: Any, applicant: Applicant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applicant = applicant

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.applicant)  # type: ignore[arg-type] # Any object with personal_fragments().
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", ValidationError(_("The two passwords differ."), code="different"))
        return data
