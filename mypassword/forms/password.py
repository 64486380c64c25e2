"""A new password in place of the one that is known."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import NewPasswordForm
from mypassword.forms.session import LONGEST


class ChangePasswordForm(NewPasswordForm):
    current_password = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your current password.")},
    )
    field_order = ("current_password", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("The new password once more")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password1") and data["password1"] == data.get("current_password"):
            self.add_error("password1", ValidationError(_("This is the password you already have."), code="old"))
        return data
