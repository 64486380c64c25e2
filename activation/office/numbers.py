"""Insurance numbers that an office has to look at: typed by the person, or objected to by the AMKA registry."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signin, throttle
from accounts.models import Account
from activation import decisions
from activation.office.pages import having, office_page, show
from activation.office.request_forms import ReplaceForm, RevealForm
from registry import corrections, insurance, scope, write_back
from registry.models import Affiliation, AffiliationQuerySet, Correction, InsuranceCheck

SEES_NUMBERS = having(scope.KEEP_STUDENTS, scope.KEEP_STAFF, scope.SEE_ALL)
ON_A_PAGE = 50


def waiting(account: Account) -> int:
    return write_back.to_confirm(scope.visible_records(account)).count()


@office_page(may=SEES_NUMBERS)
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    found = write_back.to_confirm(scope.visible_records(signin.account_of(request)))
    ordered = found.select_related("department", "insurance_check").order_by("department__code", "search_name", "pk")
    page = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [{"record": record, **_facts(record)} for record in page]
    return show(request, "numbers", title=_("AMKAs to confirm"), listed=page, lines=lines, query=request.GET)


@office_page(may=SEES_NUMBERS)
@require_safe
def number(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, _found(request, scope.visible_records(signin.account_of(request)), pk))


@sensitive_post_parameters("value", "reason")
@office_page(may=SEES_NUMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Confirm, replace, or look at the whole number; only for who keeps the record."""
    account = signin.account_of(request)
    if request.method != "POST":
        # The language switch comes back to the address of a page that a POST has drawn.
        return redirect("admin:office:number", pk=_found(request, scope.visible_records(account), pk).pk)
    record = _found(request, scope.kept_records(account), pk)
    try:
        return ACTS[act](request, record)
    except corrections.Overtaken as error:
        messages.error(request, error.message)
        return redirect("admin:office:number", pk=pk)


def confirm(request: HttpRequest, record: Affiliation) -> HttpResponse:
    decisions.confirm_insurance(record, seen=request.POST.get("seen", ""), by=_by(request))
    messages.success(request, _("Confirmed. The number is among what the source has still to take over."))
    return redirect("admin:office:numbers")


def replace(request: HttpRequest, record: Affiliation) -> HttpResponse:
    form = ReplaceForm(request.POST)
    if not form.is_valid():
        return page_of(request, record, replacing=form)
    return _replace_by(request, record, form.right_value())


def take_current(request: HttpRequest, record: Affiliation) -> HttpResponse:
    """The number that the AMKA registry gave in its answer."""
    check = InsuranceCheck.objects.filter(affiliation=record).first()
    if check is None or not check.current_number:
        raise corrections.Overtaken
    return _replace_by(request, record, check.current_number)


def _replace_by(request: HttpRequest, record: Affiliation, number: str) -> HttpResponse:
    seen = request.POST.get("seen", "")
    outcome = decisions.replace_insurance(record, number=number, seen=seen, by=_by(request))
    for warning in outcome.warnings:
        messages.warning(request, warning)
    messages.success(request, _("Replaced. The number is among what the source has still to take over."))
    return redirect("admin:office:numbers")


def reveal(request: HttpRequest, record: Affiliation) -> HttpResponse:
    """The whole numbers on this very answer, and not again. Raises `TooMany`."""
    form = RevealForm(request.POST, auto_id="reveal_%s")
    if not form.is_valid():
        return page_of(request, record, revealing=form)
    throttle.count("office:unmask", str(signin.account_of(request).pk))
    decisions.note_insurance_unmasked(record, reason=form.cleaned_data["reason"], by=_by(request))
    return page_of(request, record, whole=True)


ACTS = {"confirm": confirm, "replace": replace, "current": take_current, "reveal": reveal}


def page_of(
    request: HttpRequest,
    record: Affiliation,
    *,
    replacing: Form | None = None,
    revealing: Form | None = None,
    whole: bool = False,
) -> HttpResponse:
    kept = scope.kept_records(signin.account_of(request)).filter(pk=record.pk).exists()
    waits = write_back.to_confirm(Affiliation.objects.filter(pk=record.pk)).exists()
    return show(
        request,
        "number",
        title=_("AMKA to confirm"),
        record=record,
        seen=corrections.version(record),
        may_act=kept and waits,
        replacing=replacing or ReplaceForm(),
        revealing=revealing or RevealForm(auto_id="reveal_%s"),
        revealed=whole,
        **_facts(record, whole=whole),
    )


def _facts(record: Affiliation, *, whole: bool = False) -> dict[str, Any]:
    """The numbers, masked unless `whole`, where they come from, and what the AMKA registry said."""
    check = getattr(record, "insurance_check", None)
    current = check.current_number if check else ""
    return {
        "number": record.insurance_number if whole else insurance.mask(record.insurance_number),
        "current": current if whole else insurance.mask(current),
        "check": check,
    }


def _found(request: HttpRequest, records: AffiliationQuerySet, pk: int) -> Affiliation:
    record = records.select_related("department", "person", "insurance_check").filter(pk=pk).first()
    known = record is not None and (
        hasattr(record, "insurance_check") or Correction.objects.filter(affiliation=record).exists()
    )
    if record is None or not known:
        raise Http404
    return record


def _by(request: HttpRequest) -> decisions.By:
    return decisions.By(signin.account_of(request), throttle.client_address(request))
