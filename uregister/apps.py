from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with our own way in."""

    default_site = "uregister.admin.AdminSite"
