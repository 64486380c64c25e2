"""Whose records a member of staff may see and keep: an office's own, never another's.

The permissions are `registry.keep_students` (a secretariat: students of its departments), `registry.keep_staff` (the
personnel office: everybody else, limited to its departments where it has any) and `registry.see_all_records` (to look
at: operators, auditors). The registry knows no account: a viewer is whatever has rights and departments.
"""

from typing import Any, Protocol

from django.db.models import Q, QuerySet

from registry.models import Affiliation, AffiliationQuerySet, Department, Kind

KEEP_STUDENTS = "registry.keep_students"
KEEP_STAFF = "registry.keep_staff"
SEE_ALL = "registry.see_all_records"


class Viewer(Protocol):
    """Who looks, as Django's permissions know them, and their departments."""

    is_superuser: bool
    departments: Any

    def has_perm(self, perm: str) -> bool: ...


def visible_records(viewer: Viewer) -> AffiliationQuerySet:
    """The records that the viewer may look at; none for who belongs to no office."""
    return Affiliation.objects.filter(visible(viewer))


def kept_records(viewer: Viewer) -> AffiliationQuerySet:
    """The records that the viewer may correct."""
    return Affiliation.objects.filter(kept(viewer))


def visible(viewer: Viewer) -> Q:
    """What the viewer may look at, of whatever has a `kind` and a `department_id` as records have."""
    return Q() if viewer.is_superuser or viewer.has_perm(SEE_ALL) else kept(viewer)


def kept(viewer: Viewer) -> Q:
    """What the viewer's office is in charge of, of whatever has a `kind` and a `department_id` as records have."""
    if viewer.is_superuser:
        return Q()
    departments = [department.pk for department in viewer.departments.all()]
    kept = Q(pk__in=[])
    if viewer.has_perm(KEEP_STUDENTS):
        kept |= Q(kind=Kind.STUDENT, department_id__in=departments)
    if viewer.has_perm(KEEP_STAFF):
        kept |= ~Q(kind=Kind.STUDENT) & (Q(department_id__in=departments) if departments else Q())
    return kept


def visible_departments(viewer: Viewer) -> QuerySet[Department]:
    """The departments of which the viewer may see records."""
    everything = viewer.is_superuser or viewer.has_perm(SEE_ALL)
    if everything or (viewer.has_perm(KEEP_STAFF) and not viewer.departments.exists()):
        return Department.objects.all()
    if viewer.has_perm(KEEP_STUDENTS) or viewer.has_perm(KEEP_STAFF):
        return viewer.departments.all()  # type: ignore[no-any-return] # A relation of whatever model the viewer is.
    return Department.objects.none()


def keeps_records(viewer: Viewer) -> bool:
    """Whether the viewer belongs to an office at all."""
    return viewer.is_superuser or viewer.has_perm(KEEP_STUDENTS) or viewer.has_perm(KEEP_STAFF)
