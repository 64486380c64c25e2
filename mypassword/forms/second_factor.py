"""Setting up a second factor, and giving it up."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mypassword.forms.session import CodeForm


class AppCodeForm(CodeForm):
    """The first code of an app that is being set up."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("The six digits that the app shows now"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Type the code that the app shows.")},
    )
