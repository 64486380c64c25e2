"""Signing in: the password, the second factor, the password once more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# Longer than any password can be, so that a browser cuts none of them short.
LONGEST = 1024


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Type your username.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your password.")},
    )


class PasswordAgainForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your password.")},
    )


class CodeForm(forms.Form):
    """A code of the second factor: six digits of the app, or a recovery code as it was printed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("The six digits that the app shows now, or one of your recovery codes"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type a code.")},
    )

    def clean_code(self) -> str:
        typed: Any = self.cleaned_data["code"]
        return "".join(letter for letter in typed if letter not in " -").lower()
