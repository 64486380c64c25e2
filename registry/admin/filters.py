"""By what the records are narrowed down; no filter offers more than its reader may see."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry import readiness, scope
from registry.models import Affiliation, Status

Records = QuerySet[Affiliation]
CANNOT, CAN, ACTIVATED = "cannot", "can", "activated"


class DepartmentFilter(admin.RelatedFieldListFilter):
    """The departments of the reader's own office."""

    def __init__(self, field: Any, request: HttpRequest, *others: Any, **named: Any) -> None:
        self.reader_sees_all = request.user.has_perm(scope.SEE_ALL)
        super().__init__(field, request, *others, **named)
        self.empty_value_display = gettext("without a department")  # type: ignore[assignment] # Django escapes it.

    @property
    def include_empty_choice(self) -> bool:
        """Records without a department belong to no secretariat."""
        return self.reader_sees_all

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(department.pk), str(department)) for department in scope.visible_departments(request.user)]  # type: ignore[arg-type]


class ActivationFilter(admin.SimpleListFilter):
    """Who has an account, who could have one, and who can't."""

    title = _("activation")
    parameter_name = "activation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(CANNOT, _("cannot activate")), (CAN, _("can activate")), (ACTIVATED, _("activated"))]

    def queryset(self, request: HttpRequest, queryset: Records) -> Records:
        if self.value() == ACTIVATED:
            return queryset.filter(person__activated_at__isnull=False)
        if self.value() not in (CANNOT, CAN):
            return queryset
        stopped = readiness.cannot_activate()
        return queryset.filter(waiting(), stopped if self.value() == CANNOT else ~stopped)


class FindingFilter(admin.SimpleListFilter):
    """By one of the things that stand in the way."""

    title = _("finding")
    parameter_name = "finding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(condition.code, condition.lack) for condition in readiness.CONDITIONS]

    def queryset(self, request: HttpRequest, queryset: Records) -> Records:
        chosen = [condition for condition in readiness.CONDITIONS if condition.code == self.value()]
        return queryset.filter(waiting(), chosen[0].fails()) if chosen else queryset


def waiting() -> Q:
    """Records of persons who have still to activate, as long as their source holds them."""
    return Q(person__activated_at=None, vanished_at=None) & ~Q(status=Status.INACTIVE)
