"""The attempts of those who can't sign in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.models.message import Channel


class Recovery(models.Model):
    """One attempt to set a forgotten password. The session holds only the random key whose digest stands here.

    `account` is null where the details typed belong to nobody: such an attempt looks like any other and leads nowhere.
    """

    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    # The digest before the right PIN changed it: a double click on «Continue» still arrives with the old key.
    previous_key_digest = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # Of the username as typed, be it somebody's or not: people type passwords there by mistake.
    username_digest = models.CharField(max_length=64, db_index=True, editable=False)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, related_name="recoveries", verbose_name=_("account")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    contact = models.CharField(_("contact as typed"), max_length=254)
    # The account's epoch when the attempt began: a later change of password or contact has killed it.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    # A one-time code that the helpdesk printed opens the attempt without a PIN.
    by_code = models.BooleanField(_("opened with a code of the helpdesk"), default=False)
    pin_verified_at = models.DateTimeField(_("PIN verified at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")

    def __str__(self) -> str:
        return f"#{self.pk}"


class ResetCode(models.Model):
    """A one-time code that the helpdesk printed for somebody identified in person; only its digest is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="reset_codes", verbose_name=_("account"))
    epoch = models.PositiveIntegerField(editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("issued by"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("reset code")
        verbose_name_plural = _("reset codes")

    def __str__(self) -> str:
        return f"#{self.pk}"
