"""Departments and their secretariats."""

from django.contrib import admin

from registry.admin.read_only import ReadOnlyAdmin
from registry.models import Department


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    list_display = ["code", "name_el", "name_en", "email", "phone"]
    search_fields = ["code", "name_el", "name_en"]
