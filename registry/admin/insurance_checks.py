"""AMKAs that have still to be settled."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry import insurance, scope
from registry.admin.filters import DepartmentFilter
from registry.admin.read_only import ReadOnlyAdmin
from registry.models import Department, InsuranceCheck


@admin.register(InsuranceCheck)
class InsuranceCheckAdmin(ReadOnlyAdmin):
    """Work for the secretariat: AMKAs that the AMKA registry contradicts, has replaced, or was not asked about yet."""

    list_display = ["affiliation", "name", "department", "state", "masked_current_number", "created_at", "asked_at"]
    list_filter = ["state", ("affiliation__department", DepartmentFilter)]
    list_select_related = ["affiliation__department"]
    search_fields = ["affiliation__registration_number", "affiliation__last_name_el"]
    fields = ["affiliation", "name", "department", "state", "masked_current_number", "created_at", "asked_at"]
    actions = ["ask_again"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[InsuranceCheck]:
        visible = scope.visible_records(request.user)  # type: ignore[arg-type] # Signed in, as the site has made sure.
        return InsuranceCheck.objects.filter(affiliation__in=visible).order_by("-created_at")

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
