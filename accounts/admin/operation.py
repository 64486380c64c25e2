"""What operators see of accounts: messages without their content, gateways, the directory, the audit trail."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit, signin, throttle
from accounts.directory.retry import retry
from accounts.messages import send
from accounts.messages.retry import masked_destination
from accounts.messages.retry import retry as send_again
from accounts.models import AuditEvent, DirectoryEntry, GatewayHealth, Message
from registry.admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "channel", "masked_destination", "state", "reason", "gateway", "tries")
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
        return masked_destination(message)

    @admin.display(description=_("reason"))
    def reason(self, message: Message) -> str:
        return str(send.REASONS.get(message.error, message.error))

    @admin.action(description=_("Send again (failed messages whose PIN still lives)"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        chosen = list(queryset.select_related("pin__person"))
        queued = send_again(chosen, actor=signin.account_of(request), address=throttle.client_address(request))
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


@admin.register(DirectoryEntry)
class DirectoryEntryAdmin(ReadOnlyAdmin):
    """How each account stands in the directory; `change_directoryentry` is the right to have it tried again."""

    list_display = ("account", "state", "error", "answer", "waiting_since", "due_at")
    list_filter = ("state", "error", "password_due")
    list_select_related = ("account",)
    search_fields = ("account__username", "dn")
    search_help_text = _("Username or distinguished name")
    ordering = ("-waiting_since",)
    show_full_result_count = False
    fields = (
        "whose", "state", "error", "answer", "dn", "password_due", "waiting_since", "due_at", "tries", "written_at",
    )  # fmt: skip
    actions = ("retry_now",)

    @admin.display(description=_("account"))
    def whose(self, entry: DirectoryEntry) -> str:
        """As text: the account's own page is for others."""
        return entry.account.username

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With what waits and fails in numbers on top: the index of entries that are not equal counts them."""
        unequal = DirectoryEntry.objects.exclude(state=DirectoryEntry.State.EQUAL).order_by()
        counted = {
            row["state"]: row for row in unequal.values("state").annotate(count=Count("pk"), since=Min("waiting_since"))
        }
        standing = [
            {"label": state.label, "code": state.value, **counted.get(state, {"count": 0, "since": None})}
            for state in DirectoryEntry.State
            if state != DirectoryEntry.State.EQUAL
        ]
        return super().changelist_view(request, {**(extra_context or {}), "standing": standing})

    @admin.action(description=_("Try again now (those that are not in the directory)"), permissions=["retry"])
    def retry_now(self, request: HttpRequest, queryset: QuerySet[DirectoryEntry]) -> None:
        chosen = queryset.select_related("account__person")
        tried = retry(chosen, actor=signin.account_of(request), address=throttle.client_address(request))
        text = ngettext("%(count)d entry is tried again now.", "%(count)d entries are tried again now.", tried)
        messages.info(request, text % {"count": tried})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_directoryentry")


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
    fields = ("at", "act_name", "act", "outcome", "by", "whose", "person", "address", "reason", "details")

    @admin.display(description=_("by"))
    def by(self, event: AuditEvent) -> str:
        """As text, like `whose`: the account's own page is for others."""
        return event.actor.username if event.actor else ""

    @admin.display(description=_("account"))
    def whose(self, event: AuditEvent) -> str:
        return event.account.username if event.account else ""

    @admin.display(description=_("act"), ordering="act")
    def act_name(self, event: AuditEvent) -> str:
        return audit.name_of(event.act)
