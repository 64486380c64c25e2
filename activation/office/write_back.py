"""What the sources have still to take over: listed, and exported as a table for those who keep them."""

from collections.abc import Iterable, Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signin
from accounts.models import Account
from activation.office.exporting import download
from activation.office.pages import having, office_page, show
from registry import scope, write_back
from registry.exports import TYPES, XLSX, Row, Sheet
from registry.models import Correction
from registry.write_back import Change

SEES_CORRECTIONS = having(scope.KEEP_STUDENTS, scope.KEEP_STAFF, scope.SEE_ALL)
SEES_WHOLE_NUMBERS = having("registry.export_insurance")
ON_A_PAGE = 50


def due(account: Account) -> QuerySet[Correction]:
    return write_back.due(scope.visible_records(account))


def waiting(account: Account) -> int:
    return write_back.new(due(account)).count()


@office_page(may=SEES_CORRECTIONS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    found = due(account)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "change": change,
            "record": change.correction.affiliation,
            "old": write_back.shown(change, change.old, whole=False),
            "new": write_back.shown(change, change.new, whole=False),
        }
        for change in write_back.changes(page)
    ]
    return show(
        request,
        "write_back",
        title=_("What the sources have still to take over"),
        listed=page,
        lines=lines,
        query=request.GET,
        new=write_back.new(found).count(),
        whole=SEES_WHOLE_NUMBERS(account),
    )


@office_page(may=SEES_CORRECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """The new ones, or with `which=all` also those that went out before; what goes out whole is marked."""
    if request.method != "POST":
        return redirect("admin:office:write_back")
    account = signin.account_of(request)
    form = request.POST.get("form", "")
    form = form if form in TYPES else XLSX
    every = request.POST.get("which") == "all"
    whole = SEES_WHOLE_NUMBERS(account)
    read_at = timezone.now()
    corrections = list(due(account) if every else write_back.new(due(account)))
    sheet = Sheet(_("Corrections"), _columns(), _rows(write_back.changes(corrections), whole=whole))
    details = {"rows": len(corrections), "whole_numbers": whole, "which": "all" if every else "new"}
    answer = download(request, [sheet], name="corrections", form=form, details=details)
    gone_out = [one for one in corrections if whole or one.field != "insurance_number"]
    write_back.mark_exported(_kept_by(account, gone_out), read_at=read_at)
    return answer


def _kept_by(account: Account, corrections: Iterable[Correction]) -> list[Correction]:
    """Who may only look leaves no mark: the office has not sent anything to its source."""
    kept = set(write_back.due(scope.kept_records(account)).values_list("pk", flat=True))
    return [one for one in corrections if one.pk in kept]


def _columns() -> list[str]:
    return [
        "source", "systemID", "registrationID", "departmentID", _("Column"), _("Value in the source"),
        _("Corrected value"), _("Corrected at"), _("Corrected by"),
    ]  # fmt: skip


def _rows(changes: Iterable[Change], *, whole: bool) -> Iterator[Row]:
    for change in changes:
        correction, record = change.correction, change.correction.affiliation
        yield (
            record.source,
            record.system_id,
            record.registration_number,
            record.department.code if record.department else "",
            change.column,
            write_back.shown(change, change.old, whole=whole),
            write_back.shown(change, change.new, whole=whole),
            correction.created_at,
            correction.author or _("the person, confirmed by the office"),
        )
