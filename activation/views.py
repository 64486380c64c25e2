"""The screens of the activation. Each view is guard, form, flow, redirect."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import pins
from accounts.directory import words
from accounts.forms import PinForm
from accounts.opening import AlreadyActivated, OpeningRefused
from accounts.throttle import TooMany
from activation import advice, attempts, flow, progress, screens
from activation.forms import (
    AmkaForm,
    ClarifyForm,
    ConfirmForm,
    ContactForm,
    LetterForm,
    OtherInsuranceForm,
    PasswordForm,
    RoleForm,
)
from activation.models import Activation
from activation.refusals import (
    DetailsChanged,
    LetterRefused,
    LetterReplaced,
    Overtaken,
    RecordChanged,
    RecordRefused,
)
from activation.steps import NUMBERS, Step, indicator, may_enter, next_step
from registry import lookup

View = Callable[..., HttpResponse]
RECORD_FIELDS = ("mobile", "email", "registration_number")


def public(view: View) -> View:
    """A screen for everybody, never kept by a browser or proxy."""
    return login_not_required(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def lost(request: HttpRequest) -> HttpResponse:
    """No living attempt: explained to those who had one, the first screen to others."""
    if request.method == "POST" or attempts.has_begun(request):
        return render(request, "activation/session_lost.html")
    return redirect("activation:role")


def clicked_twice(request: HttpRequest) -> HttpResponse:
    """The PIN page without a living attempt: the second click with the right PIN arrives with the old key."""
    again = request.method == "POST" and flow.repeated(request, pin=request.POST.get("pin", ""))
    return redirect("activation:pin") if again else lost(request)


def guarded(step: Step, *, otherwise: View = lost) -> Callable[[View], View]:
    """Let a view see its attempt only when its step is due or may be changed; send everybody else to theirs."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest) -> HttpResponse:
            activation = attempts.current(request)
            if activation is None:
                return otherwise(request)
            if not may_enter(step, activation):
                return due(activation)
            try:
                return view(request, activation)
            except Overtaken:
                return due(attempts.current(request) or activation)

        return public(guard)

    return decorate


def due(activation: Activation) -> HttpResponse:
    return redirect(f"activation:{next_step(activation)}")


def show(request: HttpRequest, step: Step, *, retry_after: int = 0, **context: Any) -> HttpResponse:
    """Render a step's screen; with status 429 when a limit was hit, for so many seconds."""
    if step in NUMBERS and not context.get("aside"):
        context |= {"steps": indicator(step), "step": NUMBERS[step]}
    response = render(request, f"activation/{step}.html", context, status=429 if retry_after else 200)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def answer(
    request: HttpRequest, activation: Activation, step: Step, form: Form, act: Callable[[], object], **context: Any
) -> HttpResponse:
    """Show the form of a step; once it is right, act on it and go on.

    A refusal shows the same screen again, with what was typed and with what to do.
    """
    if request.method != "POST" or not form.is_valid():
        return show(request, step, form=form, **context)
    try:
        with progress.refusals_noted(activation):
            act()
    except lookup.NotFound:
        is_shared = step is Step.CLARIFY
        context["trouble"] = advice.not_told_apart(activation.role) if is_shared else advice.not_found(activation.role)
    except RecordRefused as error:
        context["trouble"] = advice.refused(error, typed=typed_in(form))
    except AlreadyActivated as error:
        return render(request, "activation/already_active.html", {"message": error.message})
    except DetailsChanged:
        return _check_again(request)
    except (pins.PinRefused, OpeningRefused, RecordChanged, LetterReplaced, TooMany) as error:
        form.add_error(getattr(error, "field", None), error.message)
        context["retry_after"] = getattr(error, "retry_after", 0)
    else:
        return due(activation)
    return show(request, step, form=form, **context)


def typed_in(form: Form) -> dict[str, str]:
    """What tells which record was refused, for the button that asks its office for a correction."""
    return {name: form.cleaned_data[name] for name in RECORD_FIELDS if name in form.cleaned_data}


@public
def role(request: HttpRequest) -> HttpResponse:
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempts.start(request, role=form.cleaned_data["role"])
        return redirect("activation:contact")
    return show(request, Step.ROLE, form=form)


@guarded(Step.CONTACT)
def contact(request: HttpRequest, activation: Activation) -> HttpResponse:
    form = ContactForm(request.POST or None, initial={"mobile": activation.mobile, "email": activation.email})
    return answer(
        request, activation, Step.CONTACT, form, lambda: flow.give_contact(request, activation, **form.cleaned_data)
    )


@sensitive_post_parameters("code")
@public
def letter(request: HttpRequest) -> HttpResponse:
    """In place of contact and PIN; begins an attempt of its own, so that the letter's QR code leads straight here."""
    before = attempts.current(request)
    form = LetterForm(request.POST or None, initial={"role": before.role} if before else None)
    if request.method != "POST" or not form.is_valid():
        return show(request, Step.LETTER, form=form)
    context: dict[str, Any] = {}
    try:
        with progress.refusals_noted(before):
            return due(flow.give_letter(request, **form.cleaned_data))
    except RecordRefused as error:
        context["trouble"] = advice.refused(error)
    except AlreadyActivated as error:
        return render(request, "activation/already_active.html", {"message": error.message})
    except (LetterRefused, OpeningRefused, TooMany) as error:
        form.add_error(None, error.message)
        context["retry_after"] = getattr(error, "retry_after", 0)
    return show(request, Step.LETTER, form=form, **context)


@guarded(Step.CLARIFY)
def clarify(request: HttpRequest, activation: Activation) -> HttpResponse:
    form = ClarifyForm(request.POST or None)
    return answer(
        request, activation, Step.CLARIFY, form, lambda: flow.clarify(request, activation, **form.cleaned_data)
    )


@sensitive_post_parameters("amka", "number")
@guarded(Step.INSURANCE)
def insurance(request: HttpRequest, activation: Activation) -> HttpResponse:
    other = "other" in request.GET
    form = OtherInsuranceForm(request.POST or None) if other else AmkaForm(request.POST or None)
    return answer(
        request, activation, Step.INSURANCE, form,
        lambda: flow.give_insurance(request, activation, supplied=form.supplied()), other=other,
    )  # fmt: skip


@sensitive_post_parameters("pin")
@guarded(Step.PIN, otherwise=clicked_twice)
def pin(request: HttpRequest, activation: Activation) -> HttpResponse:
    form = PinForm(request.POST or None)

    def verify() -> None:
        typed = form.cleaned_data["pin"]
        try:
            flow.verify_pin(request, activation, pin=typed)
        except pins.PinUsed:
            # The first of two clicks was quicker, after this one had read the attempt.
            if not flow.repeated(request, pin=typed):
                raise

    return answer(
        request, activation, Step.PIN, form, verify,
        screen=screens.pin(activation), aside=activation.correcting_at is not None,
    )  # fmt: skip


@guarded(Step.PIN)
def pin_new(request: HttpRequest, activation: Activation) -> HttpResponse:
    if request.method != "POST":
        # The language switch comes back to the address of a page that a POST has drawn.
        return redirect("activation:pin")
    try:
        flow.renew_pin(request, activation)
    except TooMany as error:
        screen = screens.pin(activation)
        return show(
            request, Step.PIN, form=PinForm(), screen=screen, alert=error.message, retry_after=error.retry_after,
            aside=activation.correcting_at is not None,
        )  # fmt: skip
    return redirect("activation:pin")


@guarded(Step.CONFIRM)
def confirm(request: HttpRequest, activation: Activation) -> HttpResponse:
    # A letter proves no contact, so there is none to store.
    form = Form(request.POST or None) if activation.letter else _confirm_form(request, activation)
    seen = screens.seen(activation)
    # Another tab may have gone on to another record, or its office has mended it.
    if request.POST.get("seen", seen) != seen:
        return _check_again(request)
    agrees = request.POST.get("decision") == "agree"
    office = advice.office_of(activation.role, activation.affiliation)
    if request.method == "POST" and form.is_valid():
        store_contacts = form.cleaned_data.get("store_contacts", False)
        flow.confirm(activation, store_contacts=store_contacts, agrees=agrees)
        return due(activation) if agrees else render(request, "activation/disagree.html", {"office": office})
    facts = screens.facts(activation)
    by_letter = activation.letter is not None
    return show(request, Step.CONFIRM, form=form, facts=facts, seen=seen, office=office, by_letter=by_letter)


def _confirm_form(request: HttpRequest, activation: Activation) -> ConfirmForm:
    """Nothing is stored unless the person says so; what they have said once stands there again."""
    has_said = activation.confirmed_at is not None or activation.disagreed_at is not None
    return ConfirmForm(request.POST or None, initial={"store_contacts": has_said and activation.store_contacts})


def _check_again(request: HttpRequest) -> HttpResponse:
    messages.error(request, DetailsChanged.message)
    return redirect("activation:confirm")


@sensitive_post_parameters("password1", "password2")
@guarded(Step.PASSWORD)
def password(request: HttpRequest, activation: Activation) -> HttpResponse:
    record = activation.record
    form = PasswordForm(request.POST or None, record=record, username=record.username)
    return answer(
        request, activation, Step.PASSWORD, form,
        lambda: flow.finish(request, activation, password=form.cleaned_data["password1"]),
        username=record.username,
    )  # fmt: skip


@guarded(Step.DONE)
def done(request: HttpRequest, activation: Activation) -> HttpResponse:
    return show(
        request,
        Step.DONE,
        username=activation.record.username,
        by_letter=activation.letter is not None,
        directory=words.of_person(activation.record.person_id),
    )
