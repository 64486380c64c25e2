from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """The admin site asks for the second factor of staff (django-otp) instead of a password alone."""

    default_site = "django_otp.admin.OTPAdminSite"
