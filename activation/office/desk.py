"""What waits for whom: the links on the first page of the administration."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import Account
from activation.office import corrections, letters, numbers, progress, quality, write_back
from activation.office.pages import May, having
from registry.models import ImportRun

RECORDS = having("registry.view_affiliation")
IMPORTS = having("registry.run_imports")
RIGHTS = having(roles.MANAGE)


@dataclass(frozen=True)
class Task:
    """A page with work. `waiting` counts what waits for this account; without it the link has no count."""

    page: str
    title: Promise
    about: Promise
    may: May
    waiting: Callable[[Account], int] | None = None
    query: str = ""


@dataclass(frozen=True)
class Link:
    """A task as one account sees it."""

    address: str
    title: Promise
    about: Promise
    waiting: int | None


def held_imports(_account: Account) -> int:
    return ImportRun.objects.filter(state=ImportRun.State.HELD).count()


# In the order of a day's work.
TASKS = (
    Task(
        "admin:registry_affiliation_changelist",
        _("Records"),
        _("Find a person, see why they cannot activate, correct the record"),
        RECORDS,
    ),
    Task(
        "admin:office:corrections",
        _("Requests for corrections"),
        _("What people say is wrong in their records: accept or decline, they are told"),
        corrections.SEES_REQUESTS,
        corrections.waiting,
    ),
    Task(
        "admin:office:numbers",
        _("AMKAs to confirm"),
        _("Typed by the person, or contradicted or replaced by the AMKA registry"),
        numbers.SEES_NUMBERS,
        numbers.waiting,
    ),
    Task(
        "admin:office:letters",
        _("Activation letters"),
        _("For people without a usable mobile or e-mail, handed over in person"),
        letters.ISSUES_LETTERS,
        letters.waiting,
    ),
    Task(
        "admin:office:write_back",
        _("What the sources have still to take over"),
        _("Corrections of records as a table for those who keep the source"),
        write_back.SEES_CORRECTIONS,
        write_back.waiting,
    ),
    Task(
        "admin:office:quality",
        _("Quality of the records"),
        _("What is missing or wrong, in numbers by department and as lists"),
        quality.SEES_QUALITY,
    ),
    Task(
        "admin:registry_importrun_changelist",
        _("Imports"),
        _("What was read from the university's systems, what waits for a confirmation; read a view or a file now"),
        IMPORTS,
        held_imports,
    ),
    Task(
        "admin:office:progress",
        _("Progress of the intake"),
        _("Who can activate and who has, by department and year; where people stop, and why"),
        progress.SEES_PROGRESS,
    ),
    Task(
        "admin:accounts_account_changelist",
        _("Accounts of staff"),
        _("Who works here: give and take roles and departments, make accounts inactive"),
        RIGHTS,
    ),
)


def links_for(account: Account) -> list[Link]:
    """What this account may open, with what waits there."""
    return [
        Link(
            reverse(task.page) + task.query,
            task.title,
            task.about,
            task.waiting(account) if task.waiting else None,
        )
        for task in TASKS
        if task.may(account)
    ]
