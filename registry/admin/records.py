"""The records of people, as the offices keep them: their own, searched, narrowed down, corrected.

What only accounts and attempts know is added above, in `activation.admin`, which registers this.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import corrections, insurance, readiness, scope
from registry.admin.filters import ActivationFilter, DepartmentFilter, FindingFilter
from registry.admin.history import entries_of
from registry.admin.read_only import ReadOnlyAdmin
from registry.admin.record_form import RecordForm
from registry.admin.wording import kind_and_number, pins_of, say_readiness, state_of, surname_first
from registry.contacts import mask_date, mask_email, mask_mobile, mask_text
from registry.corrections import Corrected
from registry.models import Affiliation
from registry.search import matching, matching_insurance

NAMES = ("last_name_el", "first_name_el", "father_name_el", "last_name_en", "first_name_en", "father_name_en")
OF_THE_SOURCE = (
    *("registration_number", "kind", "department_name", "status", "status_date", "username"),
    *("enrollment_type", "enrollment_term", "inscription_year", "attendance_type", "lives_abroad"),
    *("source", "system_id", "vanished_at", "updated_at"),
)
MASKED = ("masked_mobile", "masked_email", "masked_birth_date", "masked_number")


class RecordAdmin(ReadOnlyAdmin):
    form = RecordForm
    # What one looks for comes first: a telephone shows no more than that.
    list_display = ["name", "registration_number", "activation", "department", "kind", "username"]
    list_display_links = ("name",)
    list_filter: ClassVar[list[Any]] = [
        ActivationFilter,
        FindingFilter,
        ("department", DepartmentFilter),
        "kind",
        "status",
    ]
    list_select_related = ("department", "person")
    ordering = ("last_name_el", "first_name_el")
    sortable_by = ("name", "registration_number", "username")
    # Counting a whole university for the page's foot costs more than the page.
    show_full_result_count = False
    # The search is `get_search_results`; this makes the field appear.
    search_fields = ("registration_number",)
    search_help_text = _("Name in Greek or Latin letters, registration number, username, mobile, e-mail, whole AMKA")
    readonly_fields = (*OF_THE_SOURCE, *MASKED)
    change_form_template = "admin/registry/affiliation/change_form.html"

    # ---- Whose records ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Affiliation]:
        visible = scope.visible_records(request.user)  # type: ignore[arg-type] # Signed in, as the site has made sure.
        return visible.order_by(*self.get_ordering(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Affiliation | None:
        """Locked where it is about to change: what the form compares is what is written."""
        record: Affiliation | None = super().get_object(request, object_id, from_field)
        if record is not None and request.method == "POST":
            locked = Affiliation.objects.select_for_update(of=("self",)).select_related("department", "person")
            return locked.get(pk=record.pk)
        return record

    def has_view_permission(self, request: HttpRequest, obj: Affiliation | None = None) -> bool:
        may = bool(super().has_view_permission(request, obj))
        return may and (obj is None or self.get_queryset(request).filter(pk=obj.pk).exists())

    def has_change_permission(self, request: HttpRequest, obj: Affiliation | None = None) -> bool:
        if not request.user.has_perm("registry.change_affiliation"):
            return False
        kept = scope.kept_records(request.user)  # type: ignore[arg-type]
        return scope.keeps_records(request.user) if obj is None else kept.filter(pk=obj.pk).exists()  # type: ignore[arg-type]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters' own only: any other would tell of masked values, letter by letter."""
        offered = {getattr(chosen, "parameter_name", None) for chosen in self.list_filter}
        return lookup in offered | {"department__id__exact", "department__isnull", "kind__exact", "status__exact"}

    # ---- List ---------------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Without the kind for who sees only students."""
        sees_staff = any(request.user.has_perm(right) for right in (scope.SEE_ALL, scope.KEEP_STAFF))
        return [column for column in super().get_list_display(request) if column != "kind" or sees_staff]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Affiliation], search_term: str
    ) -> tuple[QuerySet[Affiliation], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(matching(search_term) | matching_insurance(search_term)), False

    @admin.display(description=_("name"), ordering="last_name_el")
    def name(self, record: Affiliation) -> str:
        return surname_first(record)

    @admin.display(description=_("activation"))
    def activation(self, record: Affiliation) -> str:
        return state_of(record)

    # ---- Record -------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Affiliation | None = None) -> list[Any]:
        source = (_("From the source"), {"fields": OF_THE_SOURCE})
        if not self.has_change_permission(request, obj):
            return [(_("Person"), {"fields": ("last_name_el", "first_name_el", *MASKED)}), source]
        return [
            (_("Contacts"), {"fields": ("mobile_given", "email_given", "seen")}),
            (_("Names"), {"fields": NAMES}),
            (_("Birth"), {"fields": ("birth_date", "gender")}),
            (
                _("AMKA or another insurance number"),
                {"fields": ("masked_number", "insurance_kind", "number", "insurance_country", "remove_number")},
            ),
            source,
        ]

    @admin.display(description=_("department"), empty_value="–")
    def department_name(self, record: Affiliation) -> str:
        """Django would make it a link to a page that most offices may not open."""
        return str(record.department or "")

    @admin.display(description=_("permanent resident abroad"))
    def lives_abroad(self, record: Affiliation) -> str:
        """In words: Django's picture for "no" looks like an error."""
        return gettext("yes") if record.resident_abroad else gettext("no")

    @admin.display(description=_("mobile"))
    def masked_mobile(self, record: Affiliation) -> str:
        return mask_mobile(record.mobile) or mask_text(record.mobile_given)

    @admin.display(description=_("e-mail"))
    def masked_email(self, record: Affiliation) -> str:
        return mask_email(record.email) or mask_text(record.email_given)

    @admin.display(description=_("birth date"))
    def masked_birth_date(self, record: Affiliation) -> str:
        return mask_date(record.birth_date)

    @admin.display(description=_("recorded number"))
    def masked_number(self, record: Affiliation) -> str:
        return insurance.mask(record.insurance_number)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        record = kwargs.get("obj") or context.get("original")
        context |= {
            "pins": pins_of(record) if record is not None else [],
            "findings": readiness.findings(record) if record is not None else [],
            "can_activate": record is not None and readiness.can_activate(record),
        }
        if record is not None:
            context |= {"title": surname_first(record), "subtitle": kind_and_number(record)}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Affiliation, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature.
        assert isinstance(form, RecordForm)  # noqa: S101 Of `form` above.
        done = corrections.correct(obj, form.values, by=request.user.get_username(), seen=form.cleaned_data["seen"])
        self.corrected(request, done)

    def corrected(self, request: HttpRequest, done: Corrected) -> None:
        """Say what has become of it."""
        for warning in done.warnings:
            messages.warning(request, warning.reason)
        if done.record.person.activated_at is None:
            say_readiness(request, done.record)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Who changed what, from what to what, in place of Django's log of pages."""
        record = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History: %(name)s") % {"name": surname_first(record)},
            "record": record,
            "opts": self.opts,
            "entries": entries_of(record, masked=not self.has_change_permission(request, record)),
        }
        return TemplateResponse(request, "admin/registry/affiliation/object_history.html", context)
