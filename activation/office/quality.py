"""The quality of the records: numbers by department and by condition, and who is meant."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signin
from activation.office.exporting import download
from activation.office.pages import having, office_page, show
from registry import quality, scope
from registry.exports import TYPES, XLSX, Row, Sheet
from registry.models import AffiliationQuerySet, Department
from registry.quality import CHECKS, Check, Counts

SEES_QUALITY = having(scope.KEEP_STUDENTS, scope.KEEP_STAFF, scope.SEE_ALL)
ON_A_PAGE = 50


class ScopeForm(forms.Form):
    """Which records are looked at; whatever is not understood limits nothing."""

    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"), required=False)
    accounts = forms.BooleanField(label=gettext_lazy("Also people who have an account"), required=False)

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department = self.fields["department"]
        department.queryset, department.empty_label = departments, gettext_lazy("all")  # type: ignore[attr-defined]


@office_page(may=SEES_QUALITY)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    form, records = _looked_at(request, request.GET)
    counts = quality.count(records)
    whole = quality.total(counts)
    checks = [(check, whole.failed[code]) for code, check in CHECKS.items()]
    title = _("Quality of the records")
    return show(
        request, "quality", title=title, form=form, counts=counts, whole=whole, checks=checks, query=request.GET
    )


@office_page(may=SEES_QUALITY)
@require_safe
def finding(request: HttpRequest, code: str) -> HttpResponse:
    """The people with whose records one thing is wrong."""
    check = _check(code)
    form, records = _looked_at(request, request.GET)
    found = quality.failing(records, check).select_related("department")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    facts: dict[str, Any] = {"check": check, "form": form, "listed": page, "query": request.GET}
    return show(request, "finding", title=capfirst(str(check.text)), **facts)


@office_page(may=SEES_QUALITY)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything as a workbook, or the people of one check as a workbook or CSV."""
    if request.method != "POST":
        return redirect("admin:office:quality")
    _form, records = _looked_at(request, request.POST)
    code, form = request.POST.get("code", ""), request.POST.get("form", "")
    people = [_check(code)] if code else list(CHECKS.values())
    sheets = [Sheet(_("People"), _people_columns(), _people(records, people))]
    if not code:
        sheets.insert(0, Sheet(_("Numbers"), _numbers_columns(), _numbers(quality.count(records))))
    details = {"check": code, "department": request.POST.get("department", "")}
    return download(request, sheets, name="quality", form=form if form in TYPES and code else XLSX, details=details)


def _looked_at(request: HttpRequest, given: Any) -> tuple[ScopeForm, AffiliationQuerySet]:
    account = signin.account_of(request)
    form = ScopeForm(given, departments=scope.visible_departments(account))
    form.is_valid()
    records = quality.reported(scope.visible_records(account), with_accounts=bool(form.cleaned_data.get("accounts")))
    department = form.cleaned_data.get("department")
    return form, records.filter(department=department) if department else records


def _check(code: str) -> Check:
    check = CHECKS.get(code)
    if check is None:
        raise Http404
    return check


def _numbers_columns() -> list[str]:
    names = [_("Code of the department"), _("Department"), _("Records"), _("Cannot activate")]
    return names + [str(check.text) for check in CHECKS.values()]


def _numbers(counts: list[Counts]) -> Iterator[Row]:
    for one in counts:
        names = (one.department.code, one.department.name) if one.department else ("", "")
        yield (*names, one.records, one.stopped, *(one.failed[code] for code in CHECKS))


def _people_columns() -> list[str]:
    return [
        _("Code of the department"), _("Department"), _("Registration number"), _("Surname"), _("First name"),
        _("Username"), _("What is wrong"),
    ]  # fmt: skip


def _people(records: AffiliationQuerySet, checks: list[Check]) -> Iterator[Row]:
    for check in checks:
        for line in quality.lines(records, check):
            yield (*line, check.text)
