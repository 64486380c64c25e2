"""Fields and forms that the activation and MyPassword share: contacts, the PIN, a new password."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from accounts import pins
from accounts.opening import personal_fragments
from accounts.passwords import MAX_LENGTH, rules, suggest
from registry.contacts import email_of_record
from registry.models import Affiliation
from registry.readiness import is_institutional


class MobileField(PhoneNumberField):  # type: ignore[misc] # The library has no type hints.
    """A telephone number; its clean value is E.164 text or "". A Greek number needs no prefix."""

    def __init__(self, **texts: Any) -> None:
        super().__init__(
            label=_("Mobile phone"),
            required=False,
            region="GR",
            widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 32}),
            error_messages={"invalid": _("This is not a telephone number. Type digits only, as in 6900000000.")},
            **texts,
        )

    def clean(self, value: Any) -> str:
        number = super().clean(value)
        return number.as_e164 if number else ""


class ContactEmailField(forms.EmailField):
    """An address in lower case or ""; one of the institution's own is refused with the text `if_institutional`."""

    def __init__(self, *, if_institutional: Any = "", **texts: Any) -> None:
        super().__init__(
            label=_("E-mail"),
            required=False,
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
            error_messages={"invalid": _("This is not an e-mail address. Type it as in name@example.org.")},
            **texts,
        )
        self.if_institutional = if_institutional

    def clean(self, value: Any) -> str:
        email = email_of_record(super().clean(value))
        if self.if_institutional and is_institutional(email):
            raise ValidationError(self.if_institutional, code="institutional")
        return email


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


class NewPasswordForm(forms.Form):
    """The clear password is in `cleaned_data` for the length of one request and never rendered again.

    `record` and `username` are whose names and numbers the password must not contain.
    """

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type a password.")},
    )
    password2 = forms.CharField(
        label=_("The password once more"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password once more.")},
    )

    def __init__(self, *args: Any, record: Affiliation | None, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.username = username

    def personal_fragments(self) -> list[str]:
        """What the rules ask for."""
        return [self.username, *(personal_fragments(self.record) if self.record else ())]

    @property
    def rules(self) -> Sequence[dict[str, Any]]:
        """The rules as the page shows and ticks them off, see `components/password_rules.html`."""
        shown = [{"code": rule.code, "text": rule.get_help_text()} for rule in rules()]
        return [*shown, {"code": "same", "text": _("The same in both fields")}]

    @property
    def rule_settings(self) -> dict[str, Any]:
        # The insurance number is checked on the server only: a page need not hold it.
        hidden = self.record.insurance_number if self.record else ""
        fragments = [word for word in self.personal_fragments() if word and word != hidden]
        return {"least": settings.PASSWORD_MIN_LENGTH, "fragments": fragments}

    @property
    def suggestion(self) -> str:
        """A strong password that follows the rules, for those who want one; another one each time."""
        while True:
            password = suggest()
            try:
                validate_password(password, self)  # type: ignore[arg-type] # As below.
            except ValidationError:
                continue  # It happens to contain the person's name.
            return password

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self)  # type: ignore[arg-type] # Any object with personal_fragments().
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", ValidationError(_("The two passwords differ."), code="different"))
        return data
