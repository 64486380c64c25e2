"""Forgotten: the password, the username."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import printed_codes
from accounts.forms import ContactEmailField, MobileField
from accounts.models.message import Channel

FIELDS = {Channel.EMAIL: "email", Channel.SMS: "mobile"}
MISSING = {"email": _("Type your e-mail in full."), "mobile": _("Type the number of your mobile in full.")}


class UsernameField(forms.CharField):
    def __init__(self, **texts: Any) -> None:
        super().__init__(
            label=_("Username"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
            error_messages={"required": _("Type your username.")},
            **texts,
        )


class ContactByChannel(forms.Form):
    """A way to send something, and the contact that belongs to it; what stands in the other field does not count."""

    channel = forms.ChoiceField(
        label=_("How do you want to get it?"),
        choices=[(Channel.EMAIL, _("Send by email")), (Channel.SMS, _("Send by sms"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose e-mail or SMS."), "invalid_choice": _("Choose e-mail or SMS.")},
    )
    email = ContactEmailField(help_text=_("In full, as it is stored with your account"))
    mobile = MobileField(help_text=_("In full, as it is stored with your account; from abroad with its prefix (+…)"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = FIELDS.get(data.get("channel", ""))
        for field in FIELDS.values():
            if chosen and field != chosen:
                self.errors.pop(field, None)
        if chosen and chosen not in self.errors and not data.get(chosen):
            self.add_error(chosen, ValidationError(MISSING[chosen], code="required"))
        data["contact"] = data.get(chosen or "", "")
        return data

    def destination(self) -> dict[str, str]:
        return {"channel": self.cleaned_data["channel"], "contact": self.cleaned_data["contact"]}


class ForgottenPasswordForm(ContactByChannel):
    username = UsernameField()
    field_order = ("username", "channel", "email", "mobile")


class ForgottenUsernameForm(ContactByChannel):
    pass


class ResetCodeForm(forms.Form):
    username = UsernameField(help_text=_("It stands beside the code"))
    code = forms.CharField(
        label=_("Reset code"),
        max_length=64,
        help_text=_("Four groups of four letters and digits; capitals, dashes and spaces do not matter"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the code.")},
    )

    def clean_code(self) -> str:
        code = printed_codes.normalise(self.cleaned_data["code"])
        if len(code) != printed_codes.LENGTH:
            raise ValidationError(_("The code has 16 letters and digits."), code="length")
        return code
