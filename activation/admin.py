"""The records in the administration, with what only accounts and attempts know of them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import signin
from accounts.models import Message
from activation.models import CorrectionRequest
from activation.office import acts
from registry import readiness
from registry.admin import RecordAdmin
from registry.corrections import Corrected
from registry.models import Affiliation


class MessageFilter(admin.SimpleListFilter):
    """Persons to whom a PIN could not be sent."""

    title = _("messages")
    parameter_name = "messages"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("failed", _("message failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Affiliation]) -> QuerySet[Affiliation]:
        if self.value() != "failed":
            return queryset
        failed = Message.objects.filter(state=Message.State.FAILED, decoy=False)
        return queryset.filter(Exists(failed.filter(pin__person=OuterRef("person"))))


class RequestFilter(admin.SimpleListFilter):
    """Persons who have said that something is wrong, and wait for an answer."""

    title = _("requests")
    parameter_name = "requests"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("correction asked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Affiliation]) -> QuerySet[Affiliation]:
        if self.value() != "waiting":
            return queryset
        waiting = CorrectionRequest.objects.filter(state=CorrectionRequest.State.ASKED)
        return queryset.filter(Exists(waiting.filter(affiliation=OuterRef("pk"))))


@admin.register(Affiliation)
class OfficeRecordAdmin(RecordAdmin):
    list_display = [*RecordAdmin.list_display[:3], "why", *RecordAdmin.list_display[3:]]
    list_filter: ClassVar[list[Any]] = [
        *RecordAdmin.list_filter[:2],
        MessageFilter,
        RequestFilter,
        *RecordAdmin.list_filter[2:],
    ]

    @admin.display(description=_("details"))
    def why(self, record: Affiliation) -> str:
        """To the page that says what stands in the way."""
        address, name = reverse("admin:office:why", args=[record.pk]), str(record)
        stopped = record.person.activated_at is None and not readiness.can_activate(record)
        text = _("Why?") if stopped else _("Details")
        return format_html('<a href="{}">{} <span class="visually-hidden">{}</span></a>', address, text, name)

    def corrected(self, request: HttpRequest, done: Corrected) -> None:
        acts.note_correction(signin.account_of(request), done, request=request)
        super().corrected(request, done)
