"""The forms of the helpdesk: the search, and one for each act, with its reason."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts import notices, pins
from accounts.messages.send import Destination
from accounts.models.message import Channel
from mypassword.helpdesk.reach import Subject
from mypassword.helpdesk.sheet import secrets_of
from registry.contacts import mask_email, mask_mobile

LEAST_REASON = 10


class SearchForm(forms.Form):
    query = forms.CharField(
        label=_("Whom are you looking for?"),
        max_length=100,
        help_text=_("A username, registration number, mobile or e-mail, or the beginning of a name, surname first"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type whom you are looking for.")},
    )


class SubjectForm(forms.Form):
    """About one person."""

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject


class ReasonForm(SubjectForm):
    """Why: kept in the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=LEAST_REASON,
        max_length=500,
        help_text=_("Who asked for it and why, for the audit; the person may ask to read it"),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        error_messages={
            "required": _("Type the reason."),
            "min_length": _("Type the reason in at least 10 characters."),
        },
    )

    def clean_reason(self) -> str:
        reason = " ".join(self.cleaned_data["reason"].split())
        if len(reason) < LEAST_REASON:
            raise forms.ValidationError(_("Type the reason in at least 10 characters."), code="min_length")
        return reason


class UnmaskForm(ReasonForm):
    field_order = ["field", "reason"]

    field = forms.ChoiceField(
        label=_("What do you need to see?"),
        error_messages={"required": _("Choose what to show."), "invalid_choice": _("Choose what to show.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = {str(record.pk): record.registration_number for record in self.subject.records}
        choices: list[tuple[str, Any]] = [("", _("Choose…"))]
        for secret in secrets_of(self.subject):
            number = numbers.get(secret.field.rpartition("-")[2], "") if len(numbers) > 1 else ""
            choices.append((secret.field, f"{secret.label} ({number})" if number else secret.label))
        self.fields["field"].choices = choices  # type: ignore[attr-defined]


class SendForm(ReasonForm):
    """A message to one of the stored contacts, which are shown masked."""

    field_order = ["channel", "reason"]

    channel = forms.ChoiceField(
        label=_("Where to"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose where to send it."), "invalid_choice": _("Choose where to send it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = notices.contacts_of(self.subject.account) if self.subject.account else []
        self.contacts = {contact.channel: contact for contact in contacts}
        self.fields["channel"].choices = [(contact.channel, masked(contact)) for contact in contacts]  # type: ignore[attr-defined]
        if len(contacts) == 1:
            self.initial["channel"] = contacts[0].channel

    def destination(self) -> Destination:
        return self.contacts[self.cleaned_data["channel"]]


def masked(contact: Destination) -> str:
    if contact.channel == Channel.SMS:
        return _("SMS to %(contact)s") % {"contact": mask_mobile(contact.address)}
    return _("E-mail to %(contact)s") % {"contact": mask_email(contact.address)}


class CallerCodeForm(SubjectForm):
    """What the caller reads out; its reason is that of the sending."""

    pin = forms.CharField(
        label=_("The code that the caller reads out"),
        max_length=16,
        help_text=_("Six digits. Do not help the caller with any of them."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type the code that the caller reads out.")},
        validators=[RegexValidator(rf"^\s*(?:[0-9]\s*){{{pins.DIGITS}}}$", _("The code has six digits."), "digits")],
    )

    def clean_pin(self) -> str:
        return "".join(self.cleaned_data["pin"].split())


class LetterForm(ReasonForm):
    field_order = ["identity_seen", "reason"]

    identity_seen = forms.BooleanField(
        label=_("I have seen their identity card"),
        error_messages={"required": _("Only for somebody whose identity card you have seen.")},
    )
