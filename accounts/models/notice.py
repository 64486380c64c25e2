"""What a person was told about their account, and the way out if it was not them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account


class ContactChange(models.Model):
    """A recovery contact added, replaced or removed. A new one counts once a PIN sent to it was typed in."""

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("mobile")
        EMAIL = "email", _("e-mail")

    account = models.ForeignKey(Account, models.CASCADE, related_name="contact_changes", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    old = models.CharField(_("old contact"), max_length=254, blank=True)
    new = models.CharField(_("new contact"), max_length=254, blank=True)
    epoch = models.PositiveIntegerField(editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    made_at = models.DateTimeField(_("made at"), null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("change of a contact")
        verbose_name_plural = _("changes of contacts")

    def __str__(self) -> str:
        return self.get_kind_display()


class Notice(models.Model):
    """One notice: the link in it leads to "this was not me". Only the digest of the link's token is kept."""

    class Subject(models.TextChoices):
        """What happened, in words short enough for an SMS."""

        PASSWORD_CHANGED = "password_changed", _("password changed")
        PASSWORD_RECOVERED = "password_recovered", _("password recovered")
        CONTACT_ADDED = "contact_added", _("contact added")
        CONTACT_CHANGED = "contact_changed", _("contact changed")
        CONTACT_REMOVED = "contact_removed", _("contact removed")
        SECOND_FACTOR_ENROLLED = "second_factor_enrolled", _("second factor set up")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("second factor removed")
        RECOVERY_CODES_RENEWED = "recovery_codes_renewed", _("new recovery codes")
        RECOVERY_CODE_USED = "recovery_code_used", _("recovery code used")
        ACCOUNT_BLOCKED = "account_blocked", _("account blocked")
        ACCOUNT_UNBLOCKED = "account_unblocked", _("account unblocked")
        SESSIONS_ENDED = "sessions_ended", _("signed out everywhere")
        RESET_CODE_ISSUED = "reset_code_issued", _("reset code issued")

    account = models.ForeignKey(Account, models.CASCADE, related_name="notices", verbose_name=_("account"))
    subject = models.CharField(_("subject"), max_length=32, choices=Subject)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    contact_change = models.ForeignKey(
        ContactChange, models.CASCADE, null=True, related_name="+", verbose_name=_("change of a contact")
    )
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return self.subject
