"""The offices' page that issues activation letters: for a department in batches, or for one person."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import signin, throttle
from accounts.models import Account
from accounts.throttle import TooMany
from activation import letters
from activation.models import ActivationLetter
from activation.office.pages import having, office_page, show
from registry import readiness, scope
from registry.models import Affiliation, AffiliationQuerySet, Department

ISSUES_LETTERS = having("activation.issue_letters")
# Letters of one PDF: it is made while the office waits, and SQLite lets nobody else write meanwhile.
BATCH = 100
ON_A_PAGE = 50
ORDER = ("department__name_el", "last_name_el", "first_name_el", "pk")


class NobodyLeft(Exception):
    """Everybody who was to get a letter has one by now."""


class DepartmentForm(forms.Form):
    """Whose letters; whatever is not understood limits nothing."""

    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"), required=False)

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department = self.fields["department"]
        department.queryset, department.empty_label = departments, gettext_lazy("all")  # type: ignore[attr-defined]


class IssueForm(forms.Form):
    """`retry_after` are the seconds to wait where a limit was hit."""

    retry_after = 0
    identified = forms.BooleanField(
        label=gettext_lazy("Each letter is handed over in person, against an identity card"),
        help_text=gettext_lazy("Whoever holds a letter can open the account. Never send one."),
        error_messages={"required": gettext_lazy("Letters are issued only for being handed over in person.")},
    )


class BatchForm(IssueForm):
    again = forms.BooleanField(
        label=gettext_lazy("Also for people who have a valid letter"),
        help_text=gettext_lazy("If a PDF was lost, say: a new letter makes the older one invalid."),
        required=False,
    )


# ---- Whose letters --------------------------------------------------------------------------------------


def due(account: Account) -> AffiliationQuerySet:
    """Records of this office that lack only a usable contact; `letter_until` is the end of a valid letter, if any.

    Without a registration number no letter can be used: it is typed beside the code.
    """
    only_contact = readiness.unreachable() & ~readiness.stopped()
    records = scope.kept_records(account).current().filter(only_contact, person__activated_at=None)
    letter = ActivationLetter.objects.open().filter(affiliation=OuterRef("pk"))
    return records.exclude(registration_number="").annotate(
        letter_until=Subquery(letter.values("expires_at")[:1]),
        letter_at=Subquery(letter.values("issued_at")[:1]),
    )


def without_letter(records: AffiliationQuerySet) -> AffiliationQuerySet:
    """Those of the records that have no valid letter."""
    return records.filter(~Exists(ActivationLetter.objects.open().filter(affiliation=OuterRef("pk"))))


def waiting(account: Account) -> int:
    return without_letter(due(account)).count()


def may_issue(account: Account, record: Affiliation) -> bool:
    return ISSUES_LETTERS(account) and due(account).filter(pk=record.pk).exists()


# ---- Issuing --------------------------------------------------------------------------------------------


@transaction.atomic
def print_batch(account: Account, records: AffiliationQuerySet, *, again: bool, address: str | None) -> bytes:
    """The PDF for the first of these records, `BATCH` at most. Raises `NobodyLeft`, `letters.IssuedMeanwhile`.

    Letters are valid only if their PDF was made: both are one transaction.
    """
    chosen = _oldest(records) if again else _without(records)
    if not chosen:
        raise NobodyLeft
    from activation.office.paper import print_letters  # noqa: PLC0415 # Takes long to load: fonts, pictures.

    return print_letters(letters.issue(chosen, issued_by=account, address=address))


def _oldest(records: AffiliationQuerySet) -> list[Affiliation]:
    """Those without a letter, then those with the oldest: batch after batch takes everybody in turn."""
    return list(records.order_by(F("letter_at").asc(nulls_first=True), *ORDER)[:BATCH])


def _without(records: AffiliationQuerySet) -> list[Affiliation]:
    """Two offices of one department wait for each other here, and the second gets what the first has left."""
    without = without_letter(records).order_by(*ORDER)
    keys = list(without.values_list("pk", flat=True)[:BATCH])
    locked = Affiliation.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return list(without.filter(pk__in=list(locked.values_list("pk", flat=True))))


# ---- Pages ----------------------------------------------------------------------------------------------


@office_page(may=ISSUES_LETTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """Who needs a letter, and the button that makes the next PDF."""
    found = due(signin.account_of(request))
    given = request.POST if request.method == "POST" else request.GET
    departments = Department.objects.filter(pk__in=found.order_by().values("department"))
    choice = DepartmentForm(given, departments=departments)
    # Who asks for a department that is not theirs gets no letters at all, rather than those of all others.
    if choice.is_valid():
        department = choice.cleaned_data["department"]
        found = found.filter(department=department) if department else found
    else:
        found = found.none()
    found = found.select_related("person", "department")
    form = BatchForm(given if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (made := _made(request, found, form)):
        return made
    page = Paginator(found.order_by(*ORDER), ON_A_PAGE).get_page(request.GET.get("page"))
    without = without_letter(found).count()
    facts: dict[str, Any] = {
        "choice": choice,
        "listed": page,
        "query": request.GET,
        "without": without,
        "next": min(without, BATCH),
        "remaining": max(without - BATCH, 0),
        "most": BATCH,
    }
    return show(request, "letters", title=_("Activation letters"), form=form, retry_after=form.retry_after, **facts)


@office_page(may=ISSUES_LETTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def single(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter for one person."""
    found = due(signin.account_of(request)).select_related("person", "department")
    record = get_object_or_404(found, pk=pk)
    form = IssueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (made := _made(request, found.filter(pk=pk), form)):
        return made
    title = _("Activation letter")
    return show(request, "letter", title=title, form=form, record=record, retry_after=form.retry_after)


def _made(request: HttpRequest, found: AffiliationQuerySet, form: IssueForm) -> HttpResponse | None:
    """The PDF to keep; None where there is none, and then the form says why."""
    account, address = signin.account_of(request), throttle.client_address(request)
    # Of one person a letter that is asked for is always a new one.
    again = not isinstance(form, BatchForm) or form.cleaned_data["again"]
    try:
        throttle.count("office:letters", str(account.pk))
        pdf = print_batch(account, found, again=again, address=address)
    except TooMany as error:
        form.add_error(None, error.message)
        form.retry_after = error.retry_after
    except (NobodyLeft, letters.IssuedMeanwhile):
        form.add_error(None, _("Nothing was issued: these people have got their letters meanwhile."))
    else:
        headers = {"Content-Disposition": f'attachment; filename="letters-{timezone.localdate():%Y-%m-%d}.pdf"'}
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    return None
