"""The registry in the administration: to look at, for now. What is shown of a person never includes the number."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from registry.models import Affiliation, Department, ImportRun


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Not subscriptable at run time.
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
