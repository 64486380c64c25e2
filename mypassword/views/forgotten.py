"""The screens of a forgotten password or username, for people who are not signed in."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts import pins
from accounts.directory import words
from accounts.forms import NewPasswordForm, PinForm
from accounts.pin_screen import PinScreen
from accounts.throttle import TooMany
from mypassword import recovery, reset_codes
from mypassword.forms.forgotten import ForgottenPasswordForm, ForgottenUsernameForm, ResetCodeForm
from mypassword.guards import View, public
from mypassword.models import Recovery
from mypassword.recovery import Step
from mypassword.screens import refused, show


def lost(request: HttpRequest) -> HttpResponse:
    """No living recovery: explained to those who had one, the first screen to others."""
    if request.method == "POST" or recovery.has_begun(request):
        return show(request, "forgotten_lost")
    return redirect("mypassword:forgotten")


def clicked_twice(request: HttpRequest) -> HttpResponse:
    """The PIN page without a living recovery: the second click with the right PIN arrives with the old key."""
    if request.method == "POST" and recovery.repeated(request, pin=request.POST.get("pin", "")):
        return redirect("mypassword:forgotten_password")
    return lost(request)


def guarded(step: Step, *, otherwise: View = lost) -> Callable[[View], View]:
    """Let a view see its recovery only when its step is due; send everybody else to theirs."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest) -> HttpResponse:
            attempt = recovery.current(request)
            if attempt is None:
                return otherwise(request)
            return view(request, attempt) if recovery.next_step(attempt) is step else due(attempt)

        return public(guard)

    return decorate


def due(attempt: Recovery) -> HttpResponse:
    return redirect(f"mypassword:forgotten_{recovery.next_step(attempt)}")


@public
def start(request: HttpRequest) -> HttpResponse:
    form = ForgottenPasswordForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "forgotten", form=form)
    try:
        recovery.start(request, username=form.cleaned_data["username"], **form.destination())
    except TooMany as error:
        return show(request, "forgotten", **refused(form, error))
    return redirect("mypassword:forgotten_pin")


@sensitive_post_parameters("pin")
@guarded(Step.PIN, otherwise=clicked_twice)
def pin(request: HttpRequest, attempt: Recovery) -> HttpResponse:
    form = PinForm(request.POST or None)
    screen = pin_screen(attempt)
    if request.method != "POST" or not form.is_valid():
        return show(request, "forgotten_pin", form=form, screen=screen)
    try:
        recovery.verify_pin(request, attempt, pin=form.cleaned_data["pin"])
    except (pins.PinRefused, TooMany) as error:
        return show(request, "forgotten_pin", screen=screen, **refused(form, error))
    return due(attempt)


@guarded(Step.PIN)
def pin_new(request: HttpRequest, attempt: Recovery) -> HttpResponse:
    if request.method == "POST":
        try:
            recovery.renew_pin(request, attempt)
        except TooMany as error:
            context = {"form": PinForm(), "screen": pin_screen(attempt), "alert": error.message}
            return show(request, "forgotten_pin", retry_after=error.retry_after, **context)
    # The language switch comes back to the address of a page that a POST has drawn.
    return redirect("mypassword:forgotten_pin")


def pin_screen(attempt: Recovery) -> PinScreen:
    return PinScreen(purpose=recovery.PURPOSE, binding=attempt.key_digest, discreet=True)


@sensitive_post_parameters("password1", "password2")
@guarded(Step.PASSWORD)
def password(request: HttpRequest, attempt: Recovery) -> HttpResponse:
    account = recovery.account_of(attempt)
    form = NewPasswordForm(request.POST or None, record=account.affiliation, username=account.username)
    if request.method != "POST" or not form.is_valid():
        return show(request, "forgotten_password", form=form, username=account.username)
    try:
        recovery.finish(request, attempt, password=form.cleaned_data["password1"])
    except TooMany as error:
        return show(request, "forgotten_password", username=account.username, **refused(form, error))
    except recovery.RecoveryOver:
        return lost(request)
    return redirect("mypassword:forgotten_done")


@guarded(Step.DONE)
def done(request: HttpRequest, attempt: Recovery) -> HttpResponse:
    account = recovery.account_of(attempt)
    return show(request, "forgotten_done", username=account.username, directory=words.of_account(account.pk))


@sensitive_post_parameters("code")
@public
def code(request: HttpRequest) -> HttpResponse:
    form = ResetCodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "forgotten_code", form=form)
    try:
        recovery.open_with_code(request, **form.cleaned_data)
    except (reset_codes.ResetCodeRefused, TooMany) as error:
        return show(request, "forgotten_code", **refused(form, error))
    return redirect("mypassword:forgotten_password")


@public
def username(request: HttpRequest) -> HttpResponse:
    if "sent" in request.GET and request.method != "POST":
        return show(request, "forgotten_username_sent")
    form = ForgottenUsernameForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "forgotten_username", form=form)
    try:
        recovery.send_usernames(request, **form.destination())
    except TooMany as error:
        return show(request, "forgotten_username", **refused(form, error))
    return HttpResponseRedirect(reverse("mypassword:forgotten_username") + "?sent=1")
