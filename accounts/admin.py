"""What operators see of accounts: messages without their content, gateways, accounts, the audit trail."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.messages import send
from accounts.models import AuditEvent, GatewayHealth, Message
from accounts.models.message import Channel
from registry.admin import ReadOnlyAdmin
from registry.contacts import mask_email, mask_mobile


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "channel", "masked_destination", "template", "state", "gateway", "tries", "reason")
    list_filter = ("state", "channel", "gateway", "template")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "id", "template", "language", "channel", "masked_destination", "state", "reason", "gateway", "provider_id",
        "tries", "created_at", "due_at", "sent_at", "delivered_at",
    )  # fmt: skip
    actions = ("send_again",)

    @admin.display(description=_("destination"))
    def masked_destination(self, message: Message) -> str:
        return (mask_mobile if message.channel == Channel.SMS else mask_email)(message.destination)

    @admin.display(description=_("reason"))
    def reason(self, message: Message) -> str:
        return str(send.REASONS.get(message.error, message.error))

    @admin.action(description=_("Send again (failed messages whose PIN still lives)"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        chosen = list(queryset.select_related("pin"))
        queued = sum(send.send_again(message) for message in chosen)
        text = ngettext("%(count)d message was queued.", "%(count)d messages were queued.", queued)
        messages.info(request, text % {"count": queued})
        if queued < len(chosen):
            messages.warning(
                request, _("The others have not failed, or their PIN is dead: a new PIN must be asked for.")
            )

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.resend_message")


@admin.register(GatewayHealth)
class GatewayHealthAdmin(ReadOnlyAdmin):
    list_display = ("name", "failures", "resting_until", "last_error", "failed_at")


class ActFilter(admin.SimpleListFilter):
    """By act, in words."""

    title = _("act")
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(audit.ACTS.items(), key=lambda act: str(act[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(act=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "act_name", "outcome", "actor", "account", "address", "reason")
    list_filter = (ActFilter, "outcome")
    list_select_related = ("actor", "account")
    search_fields = ("account__username", "actor__username", "address", "reason", "act")
    search_help_text = _("Username of whom it is about or of who did it, network address, reason, code of the act")
    date_hierarchy = "at"
    show_full_result_count = False
    fields = ("at", "act_name", "act", "outcome", "actor", "account", "person", "address", "reason", "details")

    @admin.display(description=_("act"), ordering="act")
    def act_name(self, event: AuditEvent) -> str:
        return audit.name_of(event.act)
