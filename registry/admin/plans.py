"""An import as its page shows it: how far it has come, what is planned line by line, whose record each line is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from registry import import_jobs
from registry.importing.items import FieldChange, changes_of
from registry.models import Affiliation, ImportItem, ImportRun

Kind, State = ImportItem.Kind, ImportRun.State

# What is worth most attention stands first.
TITLES: dict[str, Promise] = {
    Kind.VANISHED: _("Vanished"),
    Kind.REJECTED: _("Rejected"),
    Kind.CHANGED: _("Changed"),
    Kind.KEPT: _("Corrections kept"),
    Kind.RELEASED: _("Corrections that end"),
    Kind.JOINED: _("Joined"),
    Kind.WARNING: _("Warnings"),
    Kind.ADDED: _("Added"),
}
EXPLANATIONS: dict[str, Promise] = {
    Kind.VANISHED: _("Records that the source has no more. They are marked as vanished, not deleted."),
    Kind.REJECTED: _("Rows that could not be taken in. What the mirror holds for them stays as it is."),
    Kind.CHANGED: _("Records of which something becomes different, field by field."),
    Kind.KEPT: _("Fields that somebody here has corrected. They stay until the source says something else."),
    Kind.RELEASED: _("Fields that somebody here had corrected and about which the source says something else now."),
    Kind.JOINED: _("Records that turned out to belong to a person who is known already."),
    Kind.WARNING: _("Rows that were taken in and look wrong."),
    Kind.ADDED: _("Records that are new."),
}
# The run counts these itself, and they may be a million.
COUNTED = {Kind.VANISHED: "vanished", Kind.REJECTED: "rejected", Kind.CHANGED: "changed", Kind.ADDED: "added"}
WITH_CHANGES = (Kind.CHANGED, Kind.KEPT, Kind.RELEASED)
RUNNING = (State.QUEUED, State.READING, State.APPLYING)
LINES_OF_A_PAGE = 50


@dataclass(frozen=True)
class Tab:
    kind: str
    title: Promise
    count: int


@dataclass(frozen=True)
class Line:
    """One line of the plan; `record` is None for one that is not in the mirror."""

    item: ImportItem
    record: Affiliation | None
    changes: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """How many rows of how many, None where that is not known."""

    doing: Promise
    done: int | None
    of: int | None


class Plan:
    """The plan of a run, of which one kind of line is looked at."""

    def __init__(self, run: ImportRun, *, kind: str = "", page: str = "") -> None:
        self.run = run
        self.kind = kind if kind in dict(self.counts) else next((kind for kind, _count in self.counts), "")
        self.page_asked_for = page

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """The kinds of which there are lines, in the order of the tabs."""
        few = [kind for kind in TITLES if kind not in COUNTED]
        counted = self.run.items.filter(kind__in=few).values_list("kind").annotate(Count("pk")).order_by()
        numbers = {str(kind): getattr(self.run, name) for kind, name in COUNTED.items()} | dict(counted)
        return [(kind, numbers[kind]) for kind in TITLES if numbers.get(kind)]

    @property
    def tabs(self) -> list[Tab]:
        return [Tab(kind, TITLES[kind], count) for kind, count in self.counts]

    @property
    def shows_changes(self) -> bool:
        return self.kind in WITH_CHANGES

    @property
    def explanation(self) -> Promise:
        return EXPLANATIONS[self.kind]

    @cached_property
    def page(self) -> Page[ImportItem]:
        return _Counted(self.run.items.filter(kind=self.kind), dict(self.counts)[self.kind]).get_page(
            self.page_asked_for
        )

    @cached_property
    def lines(self) -> list[Line]:
        """Of the page that is looked at; the records come in one query."""
        items = list(self.page)
        records = _records(self.run, items)
        return [
            Line(
                item,
                records.get((item.system_id, item.registration_number)),
                changes_of(item) if self.shows_changes else [],
            )
            for item in items
        ]


class _Counted(Paginator):  # type: ignore[type-arg] # Not subscriptable at run time.
    """Knows how many there are without asking."""

    def __init__(self, items: object, number: int) -> None:
        super().__init__(items, LINES_OF_A_PAGE)  # type: ignore[arg-type] # A query, as Django's documentation has it.
        self._number = number

    @property
    def count(self) -> int:
        return self._number


def _records(run: ImportRun, items: Iterable[ImportItem]) -> dict[tuple[str, str], Affiliation]:
    keys = {item.system_id for item in items if item.system_id}
    found = Affiliation.objects.filter(source=run.source, system_id__in=keys) if keys else Affiliation.objects.none()
    return {(record.system_id, record.registration_number): record for record in found.select_related("department")}


def is_running(run: ImportRun) -> bool:
    """Whether somebody works at it, so that its page is worth looking at again."""
    return run.state in RUNNING or import_jobs.is_waiting(run) or import_jobs.is_being_undone(run)


def progress_of(run: ImportRun) -> Progress | None:
    """How far a running import has come; None for any other."""
    if run.state == State.QUEUED:
        return Progress(_("Waiting for a worker"), None, None)
    if run.state == State.READING:
        return Progress(_("Rows read and compared"), run.rows_read, _expected_rows(run))
    if run.state == State.APPLYING:
        return Progress(_("Being written into the records, all or nothing"), None, None)
    if import_jobs.is_waiting(run):
        return Progress(_("Waiting to be written"), None, None)
    if import_jobs.is_being_undone(run):
        return Progress(_("Being undone"), None, None)
    return None


def _expected_rows(run: ImportRun) -> int | None:
    """About as many as the last time, since nobody knows before the end."""
    before = ImportRun.objects.filter(source=run.source, state=State.APPLIED, complete=True)
    expected = before.values_list("rows_read", flat=True).first() or 0
    return expected if run.complete and expected > run.rows_read else None
