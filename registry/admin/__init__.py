"""The registry in the administration, a file for each noun."""

from registry.admin.departments import DepartmentAdmin
from registry.admin.imports import ImportRunAdmin
from registry.admin.insurance_checks import InsuranceCheckAdmin
from registry.admin.read_only import ReadOnlyAdmin
from registry.admin.records import RecordAdmin

__all__ = ["DepartmentAdmin", "ImportRunAdmin", "InsuranceCheckAdmin", "ReadOnlyAdmin", "RecordAdmin"]
