"""The helpdesk: search, the page of a person, the acts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import audit, pins, signin, throttle
from accounts.throttle import TooMany
from mypassword.forms.helpdesk import (
    CallerCodeForm,
    LetterForm,
    ReasonForm,
    SearchForm,
    SendForm,
    SubjectForm,
    UnmaskForm,
)
from mypassword.guards import View, screen, second_factor_required
from mypassword.helpdesk import acts, caller, reach
from mypassword.helpdesk.acts import By
from mypassword.helpdesk.reach import Subject
from mypassword.helpdesk.search import MOST, Found, find
from mypassword.helpdesk.sheet import Sheet, name_of, secrets_of, state_of
from mypassword.screens import refused, show

Text = str | Promise
PERMISSION = "accounts.help_accounts"
# Key of the session: the person whose page was opened last.
LOOKED_AT = "helpdesk_looked_at"


def desk(view: View) -> View:
    """For helpdesk staff with a second factor. For everybody else there is no such page, whatever the address."""
    verified = second_factor_required(PERMISSION)(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not signin.account_of(request).has_perm(PERMISSION):
            raise Http404
        try:
            return verified(request, *args, **kwargs)
        except reach.OutOfReach:
            raise Http404 from None

    return screen(guarded)


# ---- Search ---------------------------------------------------------------------------------------------


@sensitive_post_parameters("query")
@desk
def search(request: HttpRequest) -> HttpResponse:
    """What is searched for stands in no address."""
    form = SearchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "helpdesk", form=form)
    helper = signin.account_of(request)
    try:
        throttle.count("helpdesk:search", str(helper.pk))
    except TooMany as error:
        return show(request, "helpdesk", **refused(form, error))
    found = find(helper, form.cleaned_data["query"])
    audit.record(
        "helpdesk.searched",
        actor=helper,
        address=throttle.client_address(request),
        details={"found": len(found.hits), "persons": [hit.subject.person.pk for hit in found.hits]},
    )
    return show(request, "helpdesk", form=form, searched=True, most=MOST, more=found.more, hits=_lines(found))


def _lines(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "pk": hit.subject.person.pk,
            "name": name_of(hit.subject),
            "records": hit.subject.records,
            "state": state_of(hit.subject),
            "in_reach": hit.in_reach,
            "secrets": [secret for secret in secrets_of(hit.subject) if secret.masked] if hit.in_reach else [],
        }
        for hit in found.hits
    ]


# ---- Acts -----------------------------------------------------------------------------------------------


@dataclass
class Attempt:
    """An act about to be done: on whom, and the form that is right."""

    request: HttpRequest
    subject: Subject
    form: Any

    @property
    def by(self) -> By:
        reason = self.form.cleaned_data.get("reason", "")
        return By(signin.account_of(self.request), reason, throttle.client_address(self.request))


def unmask(attempt: Attempt) -> HttpResponse:
    """Shown on this very answer, and not again."""
    unmasked = acts.unmask(attempt.subject, field=attempt.form.cleaned_data["field"], by=attempt.by)
    return page(attempt.request, attempt.subject, unmasked=unmasked)


def send_caller_code(attempt: Attempt) -> HttpResponse:
    caller.send_code(attempt.request, attempt.subject, contact=attempt.form.destination(), by=attempt.by)
    return done(attempt, _("The code has been sent. Ask the caller to read it out."))


def check_caller(attempt: Attempt) -> HttpResponse:
    caller.check(attempt.request, attempt.subject, pin=attempt.form.cleaned_data["pin"], by=attempt.by)
    return done(attempt, _("Right: the caller reads the messages of the stored contact."))


def send_reset_code(attempt: Attempt) -> HttpResponse:
    acts.send_reset_code(attempt.subject, contact=attempt.form.destination(), by=attempt.by)
    return done(attempt, _("The reset code has been sent. It is valid for 15 minutes."))


def print_reset_code(attempt: Attempt) -> HttpResponse:
    """The letter is this very answer: the code stands nowhere else."""
    letter = acts.print_reset_code(attempt.subject, by=attempt.by)
    return show(attempt.request, "helpdesk_letter", letter=letter)


def end_sessions(attempt: Attempt) -> HttpResponse:
    acts.end_sessions(attempt.subject, by=attempt.by)
    return done(attempt, _("The person is signed out everywhere."))


def block(attempt: Attempt) -> HttpResponse:
    acts.block(attempt.subject, by=attempt.by)
    return done(attempt, _("The account is blocked."))


def unblock(attempt: Attempt) -> HttpResponse:
    acts.unblock(attempt.subject, by=attempt.by)
    return done(attempt, _("The account is no longer blocked."))


def done(attempt: Attempt, text: Text) -> HttpResponse:
    messages.success(attempt.request, str(text))
    return redirect("mypassword:helpdesk_account", pk=attempt.subject.person.pk)


@dataclass(frozen=True)
class Act:
    """One act as the page offers it; `slug` is the end of its address."""

    slug: str
    title: Text
    text: Text
    button: Text
    do: Callable[[Attempt], HttpResponse]
    offered: Callable[[Subject], bool]
    form: type[SubjectForm] = ReasonForm


def _has_account(subject: Subject) -> bool:
    return subject.account is not None


def _has_contacts(subject: Subject) -> bool:
    return subject.account is not None and subject.account.has_contacts


def _is_active(subject: Subject) -> bool:
    return subject.account is not None and subject.account.is_open


def _can_be_sent_to(subject: Subject) -> bool:
    return _is_active(subject) and _has_contacts(subject)


def _is_blocked(subject: Subject) -> bool:
    return subject.account is not None and subject.account.blocked_at is not None


def _can_be_blocked(subject: Subject) -> bool:
    return subject.account is not None and subject.account.blocked_at is None


# Offered only where a code has been sent.
CALLER_CODE = Act(
    "caller-code",
    _("Type what the caller says"),
    _("You only learn whether it is right. It is tried five times at most."),
    _("Check"),
    check_caller,
    _has_contacts,
    CallerCodeForm,
)
ACTS = (
    Act(
        "caller",
        _("Verify who is calling"),
        _("A code goes to the stored contact, and the caller reads it out. You do not see it."),
        _("Send the code"),
        send_caller_code,
        _has_contacts,
        SendForm,
    ),
    CALLER_CODE,
    Act(
        "reset-message",
        _("Send a reset code"),
        _("A one-time code goes to the stored contact. With it and the username the person sets a new password."),
        _("Send the reset code"),
        send_reset_code,
        _can_be_sent_to,
        SendForm,
    ),
    Act(
        "reset-letter",
        _("Print a reset code"),
        _("Only for somebody who stands before you and whose identity card you have seen."),
        _("Show the letter"),
        print_reset_code,
        _is_active,
        LetterForm,
    ),
    Act(
        "unmask",
        _("Show one masked value"),
        _("It is shown once, and kept in the audit that you have seen it."),
        _("Show it"),
        unmask,
        lambda subject: bool(secrets_of(subject)),
        UnmaskForm,
    ),
    Act(
        "end-sessions",
        _("Sign the person out everywhere"),
        _("Every session ends, and whatever was begun to change the account. The password stays."),
        _("End all sessions"),
        end_sessions,
        _has_account,
    ),
    Act(
        "block",
        _("Block the account"),
        _("Nobody signs in until the account is unblocked or the password recovered."),
        _("Block"),
        block,
        _can_be_blocked,
    ),
    Act(
        "unblock",
        _("Unblock the account"),
        _("The person signs in again with the password they have. If others may know it, send a reset code instead."),
        _("Unblock"),
        unblock,
        _is_blocked,
    ),
)


def form_of(act: Act, subject: Subject, data: Any = None) -> SubjectForm:
    """Several forms stand on one page: each has identifiers of its own."""
    return act.form(data, subject=subject, auto_id=f"id_{act.slug}_%s")


# ---- The page of a person -------------------------------------------------------------------------------


@desk
def account(request: HttpRequest, pk: int) -> HttpResponse:
    subject = reach.subject_of(signin.account_of(request), pk)
    _note_look(request, subject)
    return page(request, subject)


def _note_look(request: HttpRequest, subject: Subject) -> None:
    """Once for each person looked at: what is seen of them after an act is the same look. Raises `TooMany`."""
    if request.session.get(LOOKED_AT) == subject.person.pk:
        return
    helper = signin.account_of(request)
    throttle.count("helpdesk:view", str(helper.pk))
    audit.record(
        audit.HELPDESK_VIEWED,
        actor=helper,
        person=subject.person,
        account=subject.account,
        address=throttle.client_address(request),
    )
    request.session[LOOKED_AT] = subject.person.pk


@sensitive_post_parameters("pin", "reason")
@desk
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    subject = reach.subject_of(signin.account_of(request), pk)
    chosen = next((known for known in ACTS if known.slug == act), None)
    if chosen is None:
        raise Http404
    if request.method != "POST":
        # The language switch comes back to the address of a page that a POST has drawn.
        return redirect("mypassword:helpdesk_account", pk=pk)
    form = form_of(chosen, subject, request.POST)
    if not chosen.offered(subject):
        return page(request, subject, failed=chosen, **refused(form, acts.NotPossible()))
    if not form.is_valid():
        return page(request, subject, failed=chosen, form=form)
    try:
        return chosen.do(Attempt(request, subject, form))
    except (acts.NotPossible, pins.PinRefused, TooMany) as error:
        return page(request, subject, failed=chosen, **refused(form, error))


def page(
    request: HttpRequest,
    subject: Subject,
    *,
    failed: Act | None = None,
    form: Form | None = None,
    retry_after: int = 0,
    **context: Any,
) -> HttpResponse:
    """The person's page with every act that is possible now; `form` is the one of the act that failed."""
    verification = caller.verification(request, subject, helper=signin.account_of(request))
    offers = [
        {
            "act": offered,
            "form": form if offered is failed else form_of(offered, subject),
            "open": offered is failed or (offered is CALLER_CODE and verification.awaits_code),
        }
        for offered in ACTS
        if offered.offered(subject) and (offered is not CALLER_CODE or verification.awaits_code or offered is failed)
    ]
    context |= {"sheet": Sheet(subject), "offers": offers, "form": form, "verification": verification}
    return show(request, "helpdesk_account", retry_after=retry_after, pk=subject.person.pk, **context)
