"""The state of the intake in numbers: people as their records stand now, attempts as they were counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from activation import progress
from activation.models import Activation, ProgressCount, Reached
from registry import readiness, scope
from registry.models import Department

Text = str | Promise
# A department and cohort, or a day.
Key = tuple[int | None, str, date | None]

STEPS: dict[Reached, Text] = {
    Reached.STARTED: _("Started, record found"),
    Reached.SENT: _("PIN sent, or letter typed"),
    Reached.PROVED: _("PIN right, or letter right"),
    Reached.CONFIRMED: _("Details confirmed"),
    Reached.DONE: _("Account opened"),
}
REASONS: dict[Reached, Text] = {
    Reached.NOT_FOUND: _("No record with this contact"),
    Reached.MISSING: _("Required details missing"),
    Reached.INSURANCE: _("Check of the AMKA failed"),
    Reached.ALREADY_ACTIVE: _("Account already active"),
    Reached.MESSAGE_FAILED: _("Message could not be sent"),
    Reached.PIN_WRONG: _("Wrong PIN"),
    Reached.PIN_EXPIRED: _("PIN expired"),
    Reached.PIN_SPENT: _("PIN used, replaced or mistyped five times"),
    Reached.DISAGREED: _("Disagreed with the details"),
}


@dataclass(frozen=True)
class Chosen:
    """What the page is asked for: the last so many days, and one department or cohort where they are not all."""

    days: int
    department: Department | None = None
    cohort: str = ""
    # Read once: a page that is made over midnight is of one day.
    today: date = field(default_factory=timezone.localdate)

    @property
    def since(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    def narrows(self) -> Q:
        """As a condition on `department_id` and `cohort`."""
        narrowed = Q(department_id=self.department.pk) if self.department else Q()
        return narrowed & Q(cohort=self.cohort) if self.cohort else narrowed


@dataclass
class Line:
    """One department and cohort, or all of them together."""

    department: Text
    cohort: str
    registered: int = 0
    ready: int = 0
    activated: int = 0
    reached: Counter[Reached] = field(default_factory=Counter)

    @property
    def steps(self) -> list[int]:
        return self.counted(STEPS)

    def counted(self, what: Iterable[Reached]) -> list[int]:
        return [self.reached[bit] for bit in what]

    def add(self, other: "Line") -> None:
        self.registered += other.registered
        self.ready += other.ready
        self.activated += other.activated
        self.reached.update(other.reached)


@dataclass
class Figures:
    """The lines by cohort, the current one first, and department; `per_day` has every day of the period."""

    chosen: Chosen
    lines: list[Line]
    total: Line
    per_day: dict[date, Counter[Reached]]
    cohorts: list[str]


def gather(viewer: Account, chosen: Chosen) -> Figures:
    """Everything that the viewer may see, in a fixed number of queries."""
    departments = {department.pk: department for department in Department.objects.all()}
    lines: dict[tuple[int | None, str], Line] = {}

    def line(department_id: int | None, cohort: str) -> Line:
        department = departments.get(department_id or 0)
        name = department.name if department else ""
        return lines.setdefault((department_id, cohort), Line(name, cohort))

    cohorts = set()
    for row in _people(viewer):
        cohorts.add(row["cohort"])
        if _is_chosen(row, chosen):
            one = line(row["department_id"], row["cohort"])
            one.registered, one.ready, one.activated = row["registered"], row["ready"], row["activated"]
    per_day = {chosen.since + timedelta(days=number): Counter[Reached]() for number in range(chosen.days)}
    for (department_id, cohort, day), reached in _attempts(viewer, chosen):
        if day is None:
            line(department_id, cohort).reached.update(reached)
        else:
            per_day[day].update(reached)
    ordered = [lines[key] for key in sorted(lines, key=lambda key: _order(departments, *key))]
    return Figures(chosen, ordered, _summed(ordered), per_day, sorted(filter(None, cohorts), reverse=True))


def _is_chosen(row: dict[str, Any], chosen: Chosen) -> bool:
    is_department = chosen.department is None or row["department_id"] == chosen.department.pk
    return is_department and chosen.cohort in ("", row["cohort"])


def _people(viewer: Account) -> Iterable[dict[str, Any]]:
    """The current records, one query: who has an account, and who could have one."""
    records = scope.visible_records(viewer).current().annotate(cohort=F("inscription_year"))
    active = Q(person__activated_at__isnull=False)
    rows = records.order_by().values("department_id", "cohort")
    yield from rows.annotate(  # type: ignore[misc] # The stubs take each row for a class of its own.
        registered=Count("pk"),
        ready=Count("pk", filter=active | ~readiness.cannot_activate()),
        activated=Count("pk", filter=active),
    )


def _attempts(viewer: Account, chosen: Chosen) -> Iterable[tuple[Key, Counter[Reached]]]:
    """What attempts came to: those that live, and the numbers kept of those that are forgotten; four queries.

    Each number comes twice: for its department and cohort, and for its day.
    """
    visible = scope.visible(viewer) & chosen.narrows() & Q(day__range=(chosen.since, chosen.today))
    live = progress.live_counts(progress.with_groups(Activation.objects.all()).filter(visible))
    for (group, what), number in live.items():
        yield (group.department_id, group.cohort, None), Counter({what: number})
        yield (None, "", group.day), Counter({what: number})
    kept = ProgressCount.objects.filter(visible).order_by()
    for row in kept.values("department_id", "cohort", "what").annotate(total=Sum("number")):
        yield (row["department_id"], row["cohort"], None), Counter({Reached[row["what"].upper()]: row["total"]})
    for by_day in kept.values("day", "what").annotate(total=Sum("number")):
        yield (None, "", by_day["day"]), Counter({Reached[by_day["what"].upper()]: by_day["total"]})


def _order(departments: dict[int, Department], department_id: int | None, cohort: str) -> tuple[Any, ...]:
    """Newest cohort first, what has none at the end; then by the departments' order."""
    department = departments.get(department_id or 0)
    return not cohort, [-ord(letter) for letter in cohort], department is None, department.code if department else ""


def _summed(lines: Iterable[Line]) -> Line:
    total = Line(_("All"), "")
    for one in lines:
        total.add(one)
    return total
