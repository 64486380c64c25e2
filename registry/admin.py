"""The registry in the administration: to look at, for now. What is shown of a person never includes the number."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry import insurance
from registry.models import Affiliation, Department, ImportRun, InsuranceCheck


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Not subscriptable at run time.
    """Rows that the product writes itself and that nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    list_display = ["code", "name_el", "name_en", "email", "phone"]
    search_fields = ["code", "name_el", "name_en"]


@admin.register(Affiliation)
class AffiliationAdmin(ReadOnlyAdmin):
    list_display = ["registration_number", "last_name_el", "first_name_el", "kind", "department", "status", "username"]
    list_filter = ["source", "kind", "status", "department"]
    list_select_related = ["department"]
    search_fields = ["registration_number", "username", "last_name_el", "last_name_en"]
    exclude = ["person", "insurance_number"]
    # Counting a whole university for the page's foot costs more than the page.
    show_full_result_count = False


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["finished_at", "source", "name", "added", "changed", "unchanged", "vanished", "rejected"]
    list_filter = ["source"]


@admin.register(InsuranceCheck)
class InsuranceCheckAdmin(ReadOnlyAdmin):
    """Work for the secretariat: AMKAs that the AMKA registry contradicts, has replaced, or was not asked about yet."""

    list_display = ["affiliation", "name", "department", "state", "masked_current_number", "created_at", "asked_at"]
    list_filter = ["state", "affiliation__department"]
    list_select_related = ["affiliation__department"]
    search_fields = ["affiliation__registration_number", "affiliation__last_name_el"]
    fields = ["affiliation", "name", "department", "state", "masked_current_number", "created_at", "asked_at"]
    actions = ["ask_again"]
    show_full_result_count = False

    @admin.display(description=_("name"))
    def name(self, check: InsuranceCheck) -> str:
        return check.affiliation.full_name

    @admin.display(description=_("department"))
    def department(self, check: InsuranceCheck) -> Department | None:
        return check.affiliation.department

    @admin.display(description=_("current number"))
    def masked_current_number(self, check: InsuranceCheck) -> str:
        return insurance.mask(check.current_number)

    @admin.action(description=_("Ask the AMKA registry again (after a correction)"), permissions=["ask"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[InsuranceCheck]) -> None:
        waiting = queryset.update(state=InsuranceCheck.State.PENDING, current_number="", asked_at=None)
        text = ngettext("%(count)d AMKA will be asked about.", "%(count)d AMKAs will be asked about.", waiting)
        messages.info(request, text % {"count": waiting})

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_insurancecheck")
