from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MyPasswordConfig(AppConfig):
    name = "mypassword"
    verbose_name = _("MyPassword")
