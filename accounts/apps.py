from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.roles import offer_rights  # noqa: PLC0415 # Models can be imported from here on.

        post_migrate.connect(offer_rights, dispatch_uid="accounts.roles.offer_rights")
