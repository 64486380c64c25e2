"""What only the embedded modes have: the second factor of the demo's users, and the entries of its directory."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.utils.crypto import constant_time_compare
from django_otp.models import Device

from accounts.models import Account
from registry.encryption import EncryptedTextField

# Whoever tries the demo has no device at hand: this code, printed with the passwords, works again and again.
CODE = "246802"


class DemoDevice(Device):  # type: ignore[misc] # django-otp has no type hints.
    """A device that accepts one fixed code for ever. The app is not installed in production: nor is the device."""

    user = models.ForeignKey(Account, models.CASCADE, related_name="+")

    def verify_token(self, token: Any) -> bool:
        return constant_time_compare(str(token), CODE)


class EmbeddedEntry(models.Model):
    """An entry of the directory that stands in where no server is set, see `accounts.directory.embedded`."""

    # In lower case, as directories compare usernames.
    username = models.CharField(max_length=256, unique=True)
    uuid = models.UUIDField(default=uuid4, editable=False)
    # JSON: lists of values by attribute name. It holds insurance numbers.
    attributes = EncryptedTextField()
    creator = models.CharField(max_length=256)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.username
