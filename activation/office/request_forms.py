"""The forms of the offices' pages about correction requests and what people typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from activation.correction_forms import FORMS, AmkaRequestForm
from activation.models import CorrectionRequest
from registry.models import Department

LONGEST_REASON = 500


class FilterForm(forms.Form):
    """Which requests are listed; whatever is not understood filters nothing."""

    state = forms.ChoiceField(label=_("State"), required=False)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [("", _("waiting for a decision")), *CorrectionRequest.State.choices[1:], ("all", _("all"))]
        self.fields["state"].choices = states  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", _("all")), *CorrectionRequest.Field.choices]  # type: ignore[attr-defined]
        department = self.fields["department"]
        department.queryset, department.empty_label = departments, _("all")  # type: ignore[attr-defined]


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The person reads it, on a page behind a link. Write no personal data."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why. The person is told.")},
    )


class RevealForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you have to see it"),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write why. It is kept in the audit trail.")},
    )


class ReplaceForm(AmkaRequestForm):
    """The right AMKA in place of the one in the record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["remark"]


def accept_form(asked: CorrectionRequest, data: Any = None) -> forms.Form:
    """The value in the form that its field needs, to be typed only where it is to be another than what was asked."""
    form = FORMS[asked.field](data, auto_id="accept_%s")
    del form.fields["remark"]
    if (value := form.fields.get("value")) is not None:
        value.required = not asked.value and asked.field != CorrectionRequest.Field.USERNAME
        value.label = _("Another value, if not exactly the one asked for is right")
    form.fields["reason"] = forms.CharField(
        label=_("A word to the person (not necessary)"),
        help_text=_("The person reads it, on a page behind a link. Write no personal data."),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    return form
