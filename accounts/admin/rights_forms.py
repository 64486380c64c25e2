"""The forms with which roles, departments and activity are given and taken."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import Account
from registry.models import Department


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # Not subscriptable at run time.
    """Each role by its title, with what it is for."""

    def label_from_instance(self, group: Group) -> str:
        if group.name not in roles.TITLES:
            return group.name
        title, about = roles.TITLES[group.name]
        return format_html("<strong>{}</strong> – {}", title, about)


class RightsForm(forms.ModelForm):  # type: ignore[type-arg] # Not subscriptable at run time.
    """`manager` is who fills it in: set by whoever makes the form's class for them."""

    manager: Account

    groups = RolesField(Group.objects.none(), label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)
    departments = forms.ModelMultipleChoiceField(
        Department.objects.all(),
        label=_("Departments"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "departments"}),
        help_text=_(
            "A secretariat sees the students of these only, and of none without any. The personnel office and the "
            "helpdesk see everybody who is theirs, unless departments are ticked. For other roles they mean nothing."
        ),
    )

    class Meta:
        model = Account
        fields = ["groups", "departments"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" not in self.fields:
            return  # The page of an account that this manager only looks at.
        offered = roles.givable(self.manager)
        self.fields["groups"].queryset = offered  # type: ignore[attr-defined] # Of the field above.
        held = self.instance.groups.exclude(pk__in=offered.values("pk"))
        others = [str(roles.title_of(name)) for name in held.values_list("name", flat=True)]
        if others:
            said = gettext("Also has, and only a superuser can take away: %(roles)s")
            self.fields["groups"].help_text = said % {"roles": ", ".join(others)}


class ActiveForm(forms.Form):
    """Active or not, and why."""

    active = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda value: value == "1")
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"})
    )
