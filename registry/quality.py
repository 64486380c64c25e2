"""How good the records are: which conditions of readiness fail how often, by department, and for whom.

Everything is counted and found by the database, so that a report over a whole university is a few queries. Beside the
conditions of `registry.readiness`, which look at one record, stand those that compare records.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.models import Affiliation, AffiliationQuerySet, Department
from registry.readiness import CONDITIONS, STOPPING, Hindrance, cannot_activate

Text = str | Promise


@dataclass(frozen=True)
class Check:
    """Something that may be wrong with a record; `text` says it, `fails` are the records with which it is so."""

    code: str
    text: Text
    hindrance: Hindrance
    fails: Callable[[], Q]

    @property
    def consequence(self) -> Text:
        """For the activation. Whoever has no contact at all is stopped; others may have one beside a useless one."""
        if self.hindrance in STOPPING or self.code == "contact":
            return _("no account")
        return _("no PIN can go there") if self.hindrance is Hindrance.CONTACT else _("does not stop the activation")


@dataclass
class Counts:
    """Of one department's records: how many there are, cannot lead to an account, and fail each check by its code."""

    department: Department | None
    records: int = 0
    stopped: int = 0
    failed: dict[str, int] = field(default_factory=dict)


def _shared(contact: str) -> Callable[[], Q]:
    """The contact stands in a record of somebody else too: then the registration number is asked for."""

    def fails() -> Q:
        same = Affiliation.objects.current().filter(**{contact: OuterRef(contact)})
        return ~Q(**{contact: ""}) & Q(Exists(same.exclude(person=OuterRef("person"))))

    return fails


ALONE = tuple(Check(condition.code, condition.lack, condition.hindrance, condition.fails) for condition in CONDITIONS)
COMPARING = (
    Check("mobile_shared", _("mobile shared with somebody else"), Hindrance.NONE, _shared("mobile")),
    Check("email_shared", _("e-mail shared with somebody else"), Hindrance.NONE, _shared("email")),
)
CHECKS = {check.code: check for check in (*ALONE, *COMPARING)}


def reported(records: AffiliationQuerySet, *, with_accounts: bool = False) -> AffiliationQuerySet:
    """The records that a report looks at: current ones, of people without an account unless said otherwise."""
    current = records.current()
    return current if with_accounts else current.filter(person__activated_at=None)


def count(records: AffiliationQuerySet) -> list[Counts]:
    """For each department that has records, in the order of their codes; one query, and one for each comparison."""
    # Rows of columns that only the checks name: no type says what they hold.
    by_department: Any = records.order_by().values("department")
    alone = {f"failed_{check.code}": Count("pk", filter=check.fails()) for check in ALONE}
    rows = by_department.annotate(found=Count("pk"), stopped=Count("pk", filter=cannot_activate()), **alone)
    departments = Department.objects.in_bulk()
    counts: dict[int | None, Counts] = {}
    for row in rows:
        failed = {check.code: row[f"failed_{check.code}"] for check in ALONE}
        failed |= dict.fromkeys((check.code for check in COMPARING), 0)
        key = row["department"]
        counts[key] = Counts(departments.get(key), row["found"], row["stopped"], failed)
    for check in COMPARING:
        rows = by_department.filter(check.fails()).annotate(found=Count("pk"))
        for row in rows:
            counts[row["department"]].failed[check.code] = row["found"]
    return sorted(counts.values(), key=lambda one: one.department.code if one.department else "")


def total(counts: list[Counts]) -> Counts:
    """Of all departments together."""
    whole = Counts(None, failed=dict.fromkeys(CHECKS, 0))
    for one in counts:
        whole.records += one.records
        whole.stopped += one.stopped
        for code, number in one.failed.items():
            whole.failed[code] += number
    return whole


def failing(records: AffiliationQuerySet, check: Check) -> AffiliationQuerySet:
    """Those of the records with which this is wrong, by department and name."""
    return records.filter(check.fails()).order_by("department__code", "search_name", "pk")


def lines(records: AffiliationQuerySet, check: Check) -> Iterator[tuple[str, str, str, str, str, str]]:
    """For a table: department's code and name, registration number, surname, first name, username; streamed."""
    columns = (
        "department__code", "department__name_el", "registration_number", "last_name_el", "first_name_el", "username",
    )  # fmt: skip
    yield from failing(records, check).values_list(*columns).iterator(chunk_size=2_000)
