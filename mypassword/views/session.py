"""Signing in and out, and the menu in between."""

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import audit, second_factor, signin, throttle
from accounts.directory import words
from accounts.throttle import TooMany
from mypassword.forms.session import CodeForm, PasswordAgainForm, SignInForm
from mypassword.guards import before_second_factor, public, screen
from mypassword.screens import back, detour, refused, show


@screen
def menu(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    return show(
        request,
        "menu",
        helps=account.has_perm("accounts.help_accounts"),
        administers=account.is_staff,
        enrolled=second_factor.is_enrolled(account),
        directory=words.of_account(account.pk),
    )


@sensitive_post_parameters("password")
@public
def login(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.method != "POST":
        return back(request)
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "login", form=form)
    try:
        account = signin.check_credentials(request, **form.cleaned_data)
    except (signin.SignInRefused, TooMany) as error:
        return show(request, "login", **refused(form, error))
    if not signin.begin(request, account):
        return detour(request, "login_code")
    return signed_in(request)


@sensitive_post_parameters("code")
@public
def login_code(request: HttpRequest) -> HttpResponse:
    account = signin.pending(request)
    if account is None:
        return interrupted(request)
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "login_code", form=form)
    try:
        device = second_factor.check(account, form.cleaned_data["code"], address=throttle.client_address(request))
    except (second_factor.CodeWrong, TooMany) as error:
        return show(request, "login_code", **refused(form, error))
    signin.finish(request, account, device=device)
    return signed_in(request)


def signed_in(request: HttpRequest) -> HttpResponse:
    response = back(request)
    signin.make_familiar(response, signin.account_of(request))
    return response


def interrupted(request: HttpRequest) -> HttpResponse:
    """Nobody's code is awaited in this session: either it has been given, or too much time has passed."""
    if request.user.is_authenticated:
        return back(request)
    if request.method == "POST" or signin.PENDING in request.session:
        messages.info(request, _("Signing in took too long. Please begin again."))
    return detour(request, "login")


@sensitive_post_parameters("password")
@before_second_factor
@screen
def login_again(request: HttpRequest) -> HttpResponse:
    """The password once more, before something that changes the account."""
    form = PasswordAgainForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "login_again", form=form)
    try:
        signin.confirm_password(request, form.cleaned_data["password"])
    except (signin.PasswordWrong, TooMany) as error:
        return show(request, "login_again", **refused(form, error))
    return back(request)


@public
def logout(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("mypassword:menu")
    if request.user.is_authenticated:
        account = signin.account_of(request)
        audit.record("account.signout", actor=account, account=account, address=throttle.client_address(request))
    end_session(request)
    messages.success(request, _("You have signed out."))
    return redirect("mypassword:login")
