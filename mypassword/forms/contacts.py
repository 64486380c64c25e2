"""The contacts for recovery."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import ContactEmailField, MobileField


class ContactsForm(forms.Form):
    """An emptied field removes its contact."""

    mobile = MobileField(help_text=_("For example 6900000000; with the country's prefix (+…) for a number from abroad"))
    email = ContactEmailField(
        help_text=_("One outside the university"),
        if_institutional=_(
            "You could not open this mailbox without the password that it should help you recover. "
            "Type an address outside the university."
        ),
    )
