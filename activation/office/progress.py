"""The page that says how the intake goes, and the same numbers for spreadsheets."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signin
from activation.models import Reached
from activation.office import charts
from activation.office.exporting import download
from activation.office.figures import REASONS, STEPS, Chosen, Figures, Line, Text, gather
from activation.office.pages import having, office_page, show
from registry import scope
from registry.exports import TYPES, XLSX, Sheet
from registry.models import Department

SEES_PROGRESS = having(scope.KEEP_STUDENTS, scope.KEEP_STAFF, scope.SEE_ALL)
PERIODS = (7, 30, 90)
USUAL = 30


class ChoiceForm(forms.Form):
    """What the page is about; whatever is not understood narrows nothing."""

    days = forms.TypedChoiceField(label=gettext_lazy("Attempts of the last"), coerce=int, required=False)
    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"), required=False)
    cohort = forms.CharField(label=gettext_lazy("Academic year of inscription"), required=False, max_length=16)

    def __init__(self, *args: Any, departments: QuerySet[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = [(days, ngettext("%(count)d day", "%(count)d days", days) % {"count": days}) for days in PERIODS]
        self.fields["days"].choices = periods  # type: ignore[attr-defined]
        department = self.fields["department"]
        department.queryset, department.empty_label = departments, _("all")  # type: ignore[attr-defined]

    def chosen(self) -> Chosen:
        self.is_valid()
        given = self.cleaned_data
        return Chosen(given.get("days") or USUAL, given.get("department"), given.get("cohort") or "")

    def offer(self, cohorts: Sequence[str]) -> None:
        """Which cohorts there are is known once the figures are."""
        years = [("", _("all")), *((cohort, cohort) for cohort in cohorts)]
        self.fields["cohort"].widget = forms.Select(choices=years)


def _form(request: HttpRequest) -> ChoiceForm:
    data = {"days": USUAL} | request.GET.dict()
    return ChoiceForm(data, departments=scope.visible_departments(signin.account_of(request)))


@office_page(may=SEES_PROGRESS)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    figures = gather(signin.account_of(request), form.chosen())
    form.offer(figures.cohorts)
    facts: dict[str, Any] = {
        "steps": list(STEPS.values()),
        "people": people(figures.total),
        "funnel": funnel(figures.total),
        "reasons": reasons(figures.total),
        "days": by_day(figures),
        "by_letter": figures.total.reached[Reached.BY_LETTER],
        "charts": drawn(figures),
    }
    return show(request, "progress", title=_("Progress of the intake"), form=form, figures=figures, **facts)


def people(total: Line) -> list[tuple[Text, int]]:
    return [
        (_("Registered"), total.registered),
        (_("Can activate, or have"), total.ready),
        (_("Account active"), total.activated),
    ]


def funnel(total: Line) -> list[tuple[Text, int, int]]:
    """Each step with how many attempts reached it, and how many that had reached the step before did not."""
    reached = total.steps
    before = [reached[0], *reached[:-1]]
    pairs = zip(STEPS.values(), reached, before, strict=True)
    return [(label, number, max(0, earlier - number)) for label, number, earlier in pairs]


def reasons(total: Line) -> list[tuple[Text, int]]:
    """The errors that attempts met, the most frequent first, without those that none met."""
    met = [(label, total.reached[bit]) for bit, label in REASONS.items() if total.reached[bit]]
    return sorted(met, key=lambda one: -one[1])


def by_day(figures: Figures) -> list[tuple[Any, int, int]]:
    return [(day, reached[Reached.STARTED], reached[Reached.DONE]) for day, reached in figures.per_day.items()]


def drawn(figures: Figures) -> dict[str, Any]:
    """The charts, without those that would be empty."""
    total = figures.total
    found: dict[str, Any] = {}
    if total.registered:
        found["people"] = charts.bars(
            "people",
            title=_("People"),
            description=_("Of everybody in the records: who can activate, and who has."),
            values=people(total),
            whole=total.registered,
        )
    if total.reached[Reached.STARTED]:
        found["steps"] = charts.bars(
            "steps",
            title=_("Attempts by step"),
            description=_("How many of the attempts came to each step."),
            values=[(label, number) for label, number, _lost in funnel(total)],
            whole=total.reached[Reached.STARTED],
        )
        found["days"] = charts.columns(
            "days",
            title=_("Attempts by day"),
            description=_("A column for each day: attempts, and filled the part that ended with an account."),
            values=by_day(figures),
        )
    if met := reasons(total):
        found["reasons"] = charts.bars(
            "reasons",
            title=_("Errors met"),
            description=_("How many attempts met each error, the most frequent first."),
            values=met,
        )
    return found


@office_page(may=SEES_PROGRESS)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """The tables of the page; the address has the page's own filter. Raises `throttle.TooMany`."""
    if request.method != "POST":
        return redirect("admin:office:progress")
    chosen = _form(request).chosen()
    figures = gather(signin.account_of(request), chosen)
    form = request.POST.get("form", "")
    form = form if form in TYPES else XLSX
    department = chosen.department.code if chosen.department else ""
    details = {"days": chosen.days, "department": department, "cohort": chosen.cohort}
    return download(request, sheets(figures), name="progress", form=form, details=details)


def sheets(figures: Figures) -> list[Sheet]:
    counted = [str(label) for label, _number in people(figures.total)]
    steps = [str(label) for label in STEPS.values()]
    further = (Reached.BY_LETTER, *REASONS)
    lines = [
        (*(one.department, one.cohort, one.registered, one.ready, one.activated), *one.steps, *one.counted(further))
        for one in (*figures.lines, figures.total)
    ]
    names = (_("Department"), _("Academic year of inscription"), *counted, *steps, _("With a letter"))
    columns = [*names, *map(str, REASONS.values())]
    days = [(day, *(reached[bit] for bit in STEPS)) for day, reached in figures.per_day.items()]
    return [Sheet(_("Departments and years"), columns, lines), Sheet(_("Days"), [_("Day"), *steps], days)]
