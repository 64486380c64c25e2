"""The form with which an office corrects a record. What it checks, `static/js/record.js` says while one types."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import amka_service, corrections, insurance, readiness, search
from registry.admin.wording import pins_of
from registry.contacts import email_of_record, mobile_of_record
from registry.importing import records as rows
from registry.insurance import InsuranceProblem
from registry.models import CORRECTABLE, Affiliation, InsuranceKind

GREEK_NAMES = ("last_name_el", "first_name_el", "father_name_el")
INSURANCE = ("insurance_kind", "insurance_number", "insurance_country")
# Under which field of the form a problem of `insurance.parse_other` is said.
AT_COUNTRY = ("country", "greece")


def countries() -> list[tuple[str, str]]:
    return [("", "–"), (insurance.GREECE, gettext("Greece")), *insurance.country_choices()]


class RecordForm(forms.ModelForm):  # type: ignore[type-arg] # Not subscriptable at run time.
    """Only what was changed is checked: a record with one wrong value must not wait for another to be found out."""

    number = forms.CharField(
        label=_("New number"),
        required=False,
        max_length=40,
        help_text=_("Leave it empty to keep the recorded number."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "inputmode": "text",
                "data-check": "amka",
                "data-digits": _("An AMKA has 11 digits."),
                "data-date": _("The first six digits of an AMKA are a date: day, month and year."),
                "data-checksum": _("The digits of the AMKA do not fit together; one may be mistyped."),
                "data-birth": _("The AMKA and the birth date of the record do not agree."),
                "data-gender": _("The AMKA and the gender of the record do not agree."),
                "data-right": _("The AMKA agrees with birth date and gender."),
            }
        ),
    )
    insurance_country = forms.ChoiceField(
        label=_("Country of the insurance number"), required=False, choices=lazy(countries, list)
    )
    remove_number = forms.BooleanField(
        label=_("Remove the recorded number"),
        required=False,
        help_text=_("A student is then asked for it while activating."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Affiliation
        fields = [name for name in CORRECTABLE if name != "insurance_number"]
        widgets = {
            "birth_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "mobile_given": forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "inputmode": "tel",
                    "data-check": "mobile",
                    "data-prefix": _("It will be stored as %(number)s."),
                    "data-wrong": _("This is no mobile with its country's prefix, such as +30 for Greece."),
                }
            ),
            "email_given": forms.EmailInput(attrs={"autocomplete": "off"}),
        }

    class Media:
        js = [forms.Script("js/record.js", defer=True)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = corrections.version(self.instance)
        self.initial["insurance_kind"] = self.instance.insurance_kind or InsuranceKind.AMKA
        for pin in pins_of(self.instance) if self.instance.pk else ():
            name = "number" if pin.field == "insurance_number" else pin.field
            if name in self.fields:
                said = gettext("Corrected here, kept against imports. Its source says: %(value)s")
                kept = [str(self.fields[name].help_text), said % {"value": pin.source}]
                self.fields[name].help_text = " ".join(filter(None, kept))

    @property
    def values(self) -> dict[str, Any]:
        """What the record is to say, for `corrections.correct`."""
        return {name: self.cleaned_data[name] for name in CORRECTABLE}

    # ---- Each field ---------------------------------------------------------------------------------------

    def clean_mobile_given(self) -> str:
        """In E.164; a Greek number without its prefix is understood."""
        given = str(self.cleaned_data["mobile_given"])
        if "mobile_given" not in self.changed_data or not given:
            return given
        number = mobile_of_record(search.mobile(given))
        if not number:
            raise forms.ValidationError(_("This is no mobile with its country's prefix, such as +30 for Greece."))
        return number

    def clean_email_given(self) -> str:
        given = str(self.cleaned_data["email_given"])
        if "email_given" not in self.changed_data or not given:
            return given
        address = email_of_record(given)
        if not address:
            raise forms.ValidationError(_("This is no e-mail address."))
        if readiness.is_institutional(address):
            raise forms.ValidationError(_("Before the account is activated nobody can read this mailbox."))
        return address

    def clean_birth_date(self) -> Any:
        day = self.cleaned_data["birth_date"]
        if "birth_date" in self.changed_data and day and not rows.EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(_("Nobody alive was born on that day."))
        return day

    def _clean_name(self, name: str) -> None:
        text = str(self.cleaned_data.get(name, ""))
        if name in self.changed_data and rows.LATIN.search(text) and rows.GREEK.search(text):
            self.add_error(name, gettext("Latin letters stand among the Greek ones."))

    # ---- Together -----------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("seen") != corrections.version(self.instance):
            raise forms.ValidationError(corrections.Overtaken.message)
        for name in GREEK_NAMES:
            self._clean_name(name)
        try:
            kind, number, country = self._insurance()
        except InsuranceProblem as problem:
            self.add_error("insurance_country" if problem.code in AT_COUNTRY else "number", problem.message)
        else:
            self.cleaned_data |= dict(zip(INSURANCE, (kind, number, country), strict=True))
        return self.cleaned_data

    def _insurance(self) -> tuple[str, str, str]:
        """Kind, number, country. Raises `InsuranceProblem`."""
        given, data = insurance.clean(self.cleaned_data.get("number", "")), self.cleaned_data
        if data.get("remove_number"):
            if given:
                raise InsuranceProblem("both", gettext("Either type a new number or remove the recorded one."))
            return "", "", ""
        country = str(data.get("insurance_country") or "")
        if not given:
            recorded = self.instance.insurance_number
            unchanged = country == self.instance.insurance_country or not recorded
            kind = self.instance.insurance_kind if unchanged else insurance.kind_of(country, recorded)
            return kind, recorded, country if recorded else ""
        if data.get("insurance_kind") not in ("", InsuranceKind.AMKA):
            other, number = insurance.parse_other(country, given)
            return other, number, country
        self._check_amka(given)
        return InsuranceKind.AMKA, given, insurance.GREECE

    def _check_amka(self, number: str) -> None:
        online = amka_service.is_online()
        data = self.cleaned_data
        birth_date, gender = (None, 0) if online else (data.get("birth_date"), data.get("gender") or 0)
        try:
            insurance.check_amka(number, birth_date=birth_date, gender=gender)
        except InsuranceProblem as problem:
            failed = gettext("The check of the AMKA failed.")
            raise InsuranceProblem(problem.code, f"{failed} {problem.message}") from None
