"""The institutional account: Django's user model."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from registry.models import Affiliation, Department, Person


def _having(codename: str) -> models.Q:
    """With this right over accounts, of their own or by a role."""
    permissions = Permission.objects.filter(codename=codename, content_type__app_label="accounts")
    own, by_role = ({name: models.OuterRef("pk")} for name in ("user", "group__user"))
    return models.Q(models.Exists(permissions.filter(**own))) | models.Q(models.Exists(permissions.filter(**by_role)))


class AccountManager(BaseUserManager["Account"]):
    def open(self) -> "models.QuerySet[Account]":
        """Those that may be used, see `Account.is_open`."""
        return self.filter(is_active=True, closed_at=None)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        """The name is kept in small letters, as who signs in is looked for."""
        account = self.model(username=username.lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return super().get_by_natural_key((username or "").lower())

    def with_rights(self) -> "models.QuerySet[Account]":
        """Those that the helpdesk can't touch, see `Account.has_rights`; many at once, inactive ones too."""
        return self.filter(models.Q(is_staff=True) | models.Q(is_superuser=True) | _having("help_accounts"))

    def managing(self) -> "models.QuerySet[Account]":
        """Those that may give and take roles, inactive ones too."""
        return self.filter(models.Q(is_superuser=True) | _having("manage_rights"))

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """One natural person's account; `person` is null only for accounts that the operator makes for administration."""

    username = models.CharField(_("username"), max_length=64, unique=True)
    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="account", verbose_name=_("person")
    )
    # The record with which it was activated: whose names the account bears.
    affiliation = models.ForeignKey(
        Affiliation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("record")
    )
    is_active = models.BooleanField(pgettext_lazy("account", "active"), default=True)
    is_staff = models.BooleanField(_("may enter the administration"), default=False)
    # Somebody said "this was not me", or the helpdesk blocked it: no sign-in until recovery or helpdesk.
    blocked_at = models.DateTimeField(_("blocked at"), null=True, blank=True)
    # Every session, recovery, reset code and unproved contact belongs to one epoch. A change of password or contact
    # begins a new one, and all that belongs to an older one is dead.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    # Where set, the only departments whose people this member of staff sees.
    departments = models.ManyToManyField(Department, blank=True, related_name="+", verbose_name=_("departments"))
    recovery_mobile = PhoneNumberField(_("mobile for recovery"), blank=True)
    recovery_email = models.EmailField(_("e-mail for recovery"), blank=True)
    language = models.CharField(_("language"), max_length=2, default="el")
    terms_version = models.CharField(_("accepted terms"), max_length=16, blank=True)
    terms_accepted_at = models.DateTimeField(_("terms accepted at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # `userPassword` where the operator chose another scheme than the account's own hash; made when it was set.
    directory_password = models.CharField(max_length=255, blank=True, default="", db_default="", editable=False)
    # `Person.revision` as of the last look at the person's records: a greater one means that they have changed since.
    records_revision = models.IntegerField(default=0, db_default=0, editable=False)
    # Set when the person's last affiliation has ended: when the grace period is over the account is closed. A return
    # takes it back, also from a closed one. `expiry_told_at` is when the person was reminded.
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True, editable=False)
    expiry_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [
            ("help_accounts", _("May help people at the helpdesk")),
            ("manage_rights", _("May give and take roles and departments, and make accounts inactive")),
        ]
        indexes = [
            models.Index(fields=["recovery_mobile"], name="account_by_mobile"),
            models.Index(fields=["recovery_email"], name="account_by_email"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False, closed_at=None),
                name="account_expiring",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def get_session_auth_hash(self) -> str:
        """Ends every session when the password changes, and whenever `epoch` does."""
        return self._session_auth_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_auth_hash(secret)

    def _session_auth_hash(self, secret: str | bytes) -> str:
        value = f"{self.password}:{self.epoch}"
        return salted_hmac("accounts.account.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_open(self) -> bool:
        """Whether it may be used at all: neither the operator nor the end of the person's last record has closed it."""
        return self.is_active and self.closed_at is None

    @property
    def has_rights(self) -> bool:
        """Whether it is staff's: it needs a second factor, and the helpdesk can't touch it."""
        return self.is_staff or self.is_superuser or self.has_perm("accounts.help_accounts")

    @property
    def has_contacts(self) -> bool:
        return bool(self.recovery_mobile or self.recovery_email)
