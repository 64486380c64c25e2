"""The queue of correction requests: what people say is wrong in their records, for the office that keeps them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signin, throttle
from accounts.models import Account
from activation import decisions
from activation.corrections import readable
from activation.models import CorrectionRequest
from activation.office.pages import having, office_page, show
from activation.office.request_forms import DeclineForm, FilterForm, RevealForm, accept_form
from registry import scope
from registry.contacts import mask_email, mask_mobile

SEES_REQUESTS = having(scope.KEEP_STUDENTS, scope.KEEP_STAFF, scope.SEE_ALL)
ON_A_PAGE = 50
State, Field = CorrectionRequest.State, CorrectionRequest.Field


def visible(account: Account) -> QuerySet[CorrectionRequest]:
    """The requests about records that the account may look at."""
    about = CorrectionRequest.objects.filter(affiliation__in=scope.visible_records(account))
    return about.select_related("affiliation__department", "affiliation__person", "decided_by")


def waiting(account: Account) -> int:
    return visible(account).filter(state=State.ASKED).count()


@office_page(may=SEES_REQUESTS)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    form = FilterForm(request.GET, departments=scope.visible_departments(account))
    form.is_valid()
    chosen = form.cleaned_data
    found = visible(account)
    if chosen.get("state") != "all":
        found = found.filter(state=chosen.get("state") or State.ASKED)
    if chosen.get("department"):
        found = found.filter(affiliation__department=chosen["department"])
    if chosen.get("field"):
        found = found.filter(field=chosen["field"])
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [{"asked": asked, "value": readable(asked.field, asked.value)} for asked in page]
    title = _("Requests for corrections")
    return show(request, "corrections", title=title, form=form, listed=page, lines=lines)


@office_page(may=SEES_REQUESTS)
@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, _found(request, pk))


@sensitive_post_parameters("value", "reason")
@office_page(may=SEES_REQUESTS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Accept, decline, or look at the whole number; only for who keeps the record."""
    asked = _found(request, pk)
    if request.method != "POST":
        # The language switch comes back to the address of a page that a POST has drawn.
        return redirect("admin:office:correction", pk=pk)
    if not _may_decide(request, asked):
        raise Http404
    return ACTS[act](request, asked)


def accept(request: HttpRequest, asked: CorrectionRequest) -> HttpResponse:
    form = accept_form(asked, request.POST)
    if not form.is_valid():
        return page_of(request, asked, accepting=form)
    value = str(form.cleaned_data.get("value") or asked.value)
    try:
        outcome = decisions.accept(asked, value=value, reason=form.cleaned_data["reason"], by=_by(request))
    except decisions.AlreadyDecided as error:
        messages.error(request, error.message)
        return redirect("admin:office:correction", pk=asked.pk)
    for warning in outcome.warnings:
        messages.warning(request, warning)
    if outcome.is_ready:
        messages.success(request, _("Accepted. Nothing stands in the way of the activation now; the person is told."))
    else:
        messages.warning(request, _("Accepted, and the person is told. Something else still stands in the way."))
    return redirect("admin:office:correction", pk=asked.pk)


def decline(request: HttpRequest, asked: CorrectionRequest) -> HttpResponse:
    form = DeclineForm(request.POST, auto_id="decline_%s")
    if not form.is_valid():
        return page_of(request, asked, declining=form)
    try:
        decisions.decline(asked, reason=form.cleaned_data["reason"], by=_by(request))
    except decisions.AlreadyDecided as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Declined. The person is told."))
    return redirect("admin:office:correction", pk=asked.pk)


def reveal(request: HttpRequest, asked: CorrectionRequest) -> HttpResponse:
    """The whole number on this very answer, and not again. Raises `TooMany`."""
    form = RevealForm(request.POST, auto_id="reveal_%s")
    if not form.is_valid() or not _is_masked(asked):
        return page_of(request, asked, revealing=form)
    throttle.count("office:unmask", str(signin.account_of(request).pk))
    decisions.note_unmasked(asked, reason=form.cleaned_data["reason"], by=_by(request))
    return page_of(request, asked, revealed=readable(asked.field, asked.value, whole=True))


ACTS = {"accept": accept, "decline": decline, "reveal": reveal}


def page_of(
    request: HttpRequest,
    asked: CorrectionRequest,
    *,
    accepting: Form | None = None,
    declining: Form | None = None,
    revealing: Form | None = None,
    **facts: Any,
) -> HttpResponse:
    may_decide = asked.state == State.ASKED and _may_decide(request, asked)
    forms: dict[str, Any] = {
        "accepting": accepting or accept_form(asked),
        "declining": declining or DeclineForm(auto_id="decline_%s"),
        "revealing": (revealing or RevealForm(auto_id="reveal_%s")) if _is_masked(asked) else None,
    }
    return show(
        request,
        "correction",
        title=_("Request for a correction: %(field)s") % {"field": asked.get_field_display()},
        asked=asked,
        record=asked.affiliation,
        held=decisions.held_by(asked.field, asked.affiliation),
        value=readable(asked.field, asked.value),
        in_source=not decisions.is_kept_here(asked.field),
        contacts=[shown for shown in (mask_mobile(asked.mobile), mask_email(asked.email)) if shown],
        may_decide=may_decide,
        **(forms if may_decide else {}),
        **facts,
    )


def _found(request: HttpRequest, pk: int) -> CorrectionRequest:
    asked = visible(signin.account_of(request)).filter(pk=pk).first()
    if asked is None:
        raise Http404
    return asked


def _may_decide(request: HttpRequest, asked: CorrectionRequest) -> bool:
    return scope.kept_records(signin.account_of(request)).filter(pk=asked.affiliation_id).exists()


def _is_masked(asked: CorrectionRequest) -> bool:
    return asked.field == Field.AMKA and bool(asked.value)


def _by(request: HttpRequest) -> decisions.By:
    return decisions.By(signin.account_of(request), throttle.client_address(request))
