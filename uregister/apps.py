from django.apps import AppConfig
from django.contrib.admin import apps


class WiringConfig(AppConfig):
    """Gives the commands that need several apps a place, and registers the checks."""

    name = "uregister"

    def ready(self) -> None:
        from uregister import checks  # noqa: F401, PLC0415 # Registers them; needs the settings to be there.


class AdminConfig(apps.AdminConfig):
    """Django's admin with our own way in."""

    default_site = "uregister.admin.AdminSite"
