"""The second factor of the demo's users."""

from typing import Any

from django.db import models
from django.utils.crypto import constant_time_compare
from django_otp.models import Device

from accounts.models import Account

# Whoever tries the demo has no device at hand: this code, printed with the passwords, works again and again.
CODE = "246802"


class DemoDevice(Device):  # type: ignore[misc] # django-otp has no type hints.
    """A device that accepts one fixed code for ever. The app is not installed in production: nor is the device."""

    user = models.ForeignKey(Account, models.CASCADE, related_name="+")

    def verify_token(self, token: Any) -> bool:
        return constant_time_compare(str(token), CODE)
