"""The offices' pages about one record."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import signin
from accounts.models import Account
from accounts.throttle import TooMany
from activation.office import acts
from activation.office.pages import having, office_page, show
from activation.office.request_forms import RevealForm
from activation.office.why import Why
from registry import corrections, scope
from registry.admin.wording import say_readiness, surname_first
from registry.models import Affiliation

SEES_RECORDS = having("registry.view_affiliation")


def may_correct(account: Account) -> bool:
    return account.has_perm("registry.change_affiliation") and scope.keeps_records(account)


@office_page(may=SEES_RECORDS)
@require_safe
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a record's person cannot activate."""
    account = signin.account_of(request)
    record = get_object_or_404(scope.visible_records(account).select_related("person", "department"), pk=pk)
    facts = Why(record, account=account)
    stands = facts.person_account or facts.can_activate
    title = _("How this person stands") if stands else _("Why can this person not activate?")
    return show(request, "why", title=title, why=facts)


@office_page(may=may_correct)
@require_POST
def release(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Give a corrected field back to its source."""
    record = kept(request, pk)
    try:
        done = acts.release(signin.account_of(request), record, field=field, request=request)
    except corrections.NotCorrected as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The field says again what its source says."))
        for warning in done.warnings:
            messages.warning(request, warning.reason)
        if done.record.person.activated_at is None:
            say_readiness(request, done.record)
    return redirect("admin:registry_affiliation_change", pk)


@office_page(may=may_correct)
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The insurance number in clear, once, for a reason."""
    record = kept(request, pk)
    form = RevealForm(request.POST or None)
    number, retry_after = "", 0
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            number = acts.reveal(signin.account_of(request), record, reason=reason, request=request)
        except TooMany as error:
            form.add_error(None, error.message)
            retry_after = error.retry_after
    title = _("AMKA or insurance number of %(name)s") % {"name": surname_first(record)}
    return show(request, "reveal", title=title, record=record, form=form, number=number, retry_after=retry_after)


def kept(request: HttpRequest, pk: int) -> Affiliation:
    """A record that the visitor may correct; any other is not found."""
    record = scope.kept_records(signin.account_of(request)).select_related("person").filter(pk=pk).first()
    if record is None:
        raise Http404
    return record
