"""What can be done at once about what a record's page shows: ask the AMKA registry, send a message, write the entry.

Each is offered only where it may help, and only to whom it is allowed: who keeps the record, or who has the right over
all that an operator has. Of two clicks one counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit, signin, throttle
from accounts.directory.retry import retry as write_again
from accounts.messages.retry import retry as send_again
from accounts.messages.send import can_be_sent_again
from accounts.models import Account, DirectoryEntry, Message
from activation.office.pages import having, office_page
from registry import insurance_checks, scope
from registry.corrections import Overtaken
from registry.models import Affiliation, InsuranceCheck

SEES_RECORDS = having("registry.view_affiliation")
# What waits is tried every few seconds anyway.
STUCK = (DirectoryEntry.State.CONFLICT, DirectoryEntry.State.REFUSED)

State = InsuranceCheck.State


@dataclass(frozen=True)
class Remedies:
    """What is offered: the version of the check to be asked about, the keys of the messages, whether to write."""

    ask: str = ""
    send: frozenset[UUID] = field(default_factory=frozenset)
    write: bool = False


def offered(account: Account, record: Affiliation) -> Remedies:
    """To this viewer, who sees the record."""
    check = _check(record) if may_ask(account) else None
    sendable = [message.pk for message in _failed(record) if can_be_sent_again(message)]
    return Remedies(
        ask=insurance_checks.version(check) if check and insurance_checks.can_be_asked_again(check) else "",
        send=frozenset(sendable if sendable and may_send(account, record) else ()),
        write=_stuck(record) is not None and may_write(account, record),
    )


# ---- Who may --------------------------------------------------------------------------------------------


def may_ask(account: Account) -> bool:
    return account.has_perm("registry.change_insurancecheck")


def may_send(account: Account, record: Affiliation) -> bool:
    return account.has_perm("accounts.resend_message") or keeps(account, record)


def may_write(account: Account, record: Affiliation) -> bool:
    return account.has_perm("accounts.change_directoryentry") or keeps(account, record)


def keeps(account: Account, record: Affiliation) -> bool:
    """Whether the viewer may correct the record."""
    may = account.has_perm("registry.change_affiliation")
    return may and scope.kept_records(account).filter(pk=record.pk).exists()


# ---- Acts -----------------------------------------------------------------------------------------------


@office_page(may=SEES_RECORDS)
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One of `ACTS`, for a record that the visitor sees, and back to its page. Raises `TooMany`."""
    account = signin.account_of(request)
    record = get_object_or_404(scope.visible_records(account).select_related("person"), pk=pk)
    throttle.count("office:act", str(account.pk))
    ACTS[act](request, account, record)
    return redirect("admin:office:why", pk)


def ask(request: HttpRequest, account: Account, record: Affiliation) -> None:
    """The AMKA registry is asked now: whoever sits before the page wants to know."""
    if not may_ask(account):
        raise PermissionDenied
    try:
        with transaction.atomic():
            check = insurance_checks.reopen(record, seen=request.POST.get("seen", ""))
            _note("insurance.asked_again", request, record)
    except Overtaken:
        messages.info(request, _("It has been asked already. What it said stands below."))
        return
    if not insurance_checks.ask_now(check):
        messages.warning(request, _("The AMKA registry does not answer now. It is asked again by itself."))
    elif check.state == State.AGREED:
        messages.success(request, _("The AMKA registry confirms the number."))
    elif check.state == State.REPLACED:
        messages.warning(request, _("The AMKA registry has another number for this person: see AMKAs to confirm."))
    else:
        messages.warning(request, _("The AMKA registry contradicts the number still."))


def send(request: HttpRequest, account: Account, record: Affiliation) -> None:
    if not may_send(account, record):
        raise PermissionDenied
    chosen = [message for message in _failed(record) if str(message.pk) == request.POST.get("message")]
    if send_again(chosen, actor=account, address=throttle.client_address(request)):
        messages.success(request, _("The message is on its way again."))
    else:
        messages.warning(
            request, _("It can't be sent again: it is under way already, or its PIN is dead and a new one is needed.")
        )


@transaction.atomic
def write(request: HttpRequest, account: Account, record: Affiliation) -> None:
    if not may_write(account, record):
        raise PermissionDenied
    stuck = _stuck(record, lock=True)
    if stuck is not None:
        write_again([stuck], actor=account, address=throttle.client_address(request))
        messages.success(request, _("The entry is being written again. Look at this page in a moment."))
    else:
        messages.info(request, _("Nothing is left to do: the entry is there, or is being tried already."))


Act = Callable[[HttpRequest, Account, Affiliation], None]
ACTS: dict[str, Act] = {"ask": ask, "send": send, "write": write}


# ---- What there is --------------------------------------------------------------------------------------


def _check(record: Affiliation) -> InsuranceCheck | None:
    return InsuranceCheck.objects.select_related("affiliation").filter(affiliation=record).first()


def _failed(record: Affiliation) -> list[Message]:
    failed = Message.objects.filter(pin__person=record.person_id, decoy=False, state=Message.State.FAILED)
    return list(failed.select_related("pin__person"))


def _stuck(record: Affiliation, *, lock: bool = False) -> DirectoryEntry | None:
    """The person's entry where it has been refused, and there is a directory."""
    if not settings.DIRECTORY:
        return None
    entries = DirectoryEntry.objects.select_for_update(of=("self",)) if lock else DirectoryEntry.objects.all()
    whose = entries.filter(account__person=record.person_id, state__in=STUCK)
    return whose.select_related("account__person").first()


def _note(act: str, request: HttpRequest, record: Affiliation) -> None:
    audit.record(
        act,
        actor=signin.account_of(request),
        person=record.person,
        address=throttle.client_address(request),
        details={"record": record.pk},
    )
