"""A message to a person, with its own life."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.pin import Pin
from registry.encryption import EncryptedTextField


class Channel(models.TextChoices):
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")


class Message(models.Model):
    """One SMS or e-mail: what to say to whom, and what became of it.

    The text is not stored: it is composed from `template`, `language` and `context` when the message is sent. The
    PIN it carries stands encrypted in `secret` and is wiped once a gateway has accepted the message.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField(_("template"), max_length=32)
    language = models.CharField(_("language"), max_length=2)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    destination = models.CharField(_("destination"), max_length=254)
    context = models.JSONField(_("context"), default=dict)
    secret = EncryptedTextField(blank=True)
    # A decoy lives like any other message and is never sent: what is said of it must not tell who exists.
    decoy = models.BooleanField(default=False, editable=False)
    pin = models.ForeignKey(Pin, models.CASCADE, null=True, related_name="messages", verbose_name=_("PIN"))

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    # When the message may be taken up: at once, after a pause, or when the lease of who is sending it has run out.
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    gateway = models.CharField(_("gateway"), max_length=16, blank=True)
    provider_id = models.CharField(_("provider's identifier"), max_length=64, blank=True)
    error = models.CharField(_("error"), max_length=32, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [("resend_message", _("May send a failed message again"))]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=("queued", "sending")), name="message_due"),
            # What became of a person's messages, for the helpdesk.
            models.Index(fields=["destination", "-created_at"], name="message_by_destination"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_state_display()}"


class InboxManager(models.Manager["InboxMessage"]):
    """Without the decoys."""

    def get_queryset(self) -> models.QuerySet["InboxMessage"]:
        return super().get_queryset().filter(decoy=False)


class InboxMessage(models.Model):
    """A message as the demo's phone and mailbox show it. Written by the `inbox` gateway only."""

    channel = models.CharField(max_length=8, choices=Channel)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = EncryptedTextField()
    html = EncryptedTextField(blank=True)
    sent_at = models.DateTimeField(auto_now_add=True)
    decoy = models.BooleanField(default=False, editable=False)

    objects: ClassVar[InboxManager] = InboxManager()

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.channel} {self.sent_at:%H:%M}"
