"""The second factor: set up, recovery codes, removed."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as remember_second_factor
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, signin, throttle
from accounts.throttle import TooMany
from mypassword.forms.second_factor import AppCodeForm
from mypassword.forms.session import CodeForm
from mypassword.guards import before_second_factor, recently_signed_in, screen
from mypassword.screens import refused, show

# Of the device that this very session is setting up: another session may have begun one of its own.
ENROLLING = "enrolling_device"


@screen
def overview(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    return show(
        request,
        "second_factor",
        enrolled=second_factor.is_enrolled(account),
        app=second_factor.app_of(account),
        codes_left=second_factor.codes_left(account),
        has_rights=account.has_rights,
    )


@sensitive_post_parameters("code")
@before_second_factor
@screen
@recently_signed_in
def enrol(request: HttpRequest) -> HttpResponse:
    """First a code of the present second factor, if there is one; then the new app's secret and its first code."""
    account = signin.account_of(request)
    device = TOTPDevice.objects.filter(user=account, confirmed=False, pk=request.session.get(ENROLLING)).first()
    if device is None or "start" in request.POST:
        return begin(request)
    form = AppCodeForm(request.POST or None)
    context: dict[str, Any] = {
        "form": form,
        "image": segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        "secret": second_factor.secret_to_type(device),
    }
    if request.method != "POST" or not form.is_valid():
        return show(request, "second_factor_enrol", **context)
    try:
        confirm(request, device, form.cleaned_data["code"])
    except (second_factor.CodeWrong, TooMany) as error:
        return show(request, "second_factor_enrol", **context | refused(form, error))
    return redirect("mypassword:second_factor_codes")


def begin(request: HttpRequest) -> HttpResponse:
    """Explain it, and make a secret once somebody says so; where there is a second factor, with a code of that one."""
    account = signin.account_of(request)
    context: dict[str, Any] = {"owed": second_factor.is_owed(request, account)}
    if request.method != "POST":
        form = CodeForm() if second_factor.is_enrolled(account) else None
        return show(request, "second_factor_start", form=form, **context)
    if second_factor.is_enrolled(account):
        form = CodeForm(request.POST)
        try:
            check(request, form)
        except (second_factor.CodeWrong, TooMany) as error:
            return show(request, "second_factor_start", **context | refused(form, error))
        if form.errors:
            return show(request, "second_factor_start", form=form, **context)
    request.session[ENROLLING] = second_factor.start(account).pk
    return redirect("mypassword:second_factor_enrol")


def check(request: HttpRequest, form: CodeForm) -> None:
    """Look at the code, once it is one. Raises `second_factor.CodeWrong` or `TooMany`."""
    if form.is_valid():
        address = throttle.client_address(request)
        second_factor.check(signin.account_of(request), form.cleaned_data["code"], address=address)


def confirm(request: HttpRequest, device: TOTPDevice, code: str) -> None:
    """Ask for this app from now on. This session goes on, and counts as one that has shown it."""
    account = signin.account_of(request)
    second_factor.confirm(account, device, code, address=throttle.client_address(request))
    del request.session[ENROLLING]
    update_session_auth_hash(request, account)
    remember_second_factor(request, device)
    messages.success(
        request, _("The second factor is set up. From now on, signing in to MyPassword asks for its code.")
    )


@screen
@recently_signed_in
def codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes are made by a POST and shown in its answer, and never again."""
    account = signin.account_of(request)
    if not second_factor.is_enrolled(account):
        return redirect("mypassword:second_factor")
    left = second_factor.codes_left(account)
    if request.method != "POST":
        return show(request, "second_factor_codes", left=left)
    made = second_factor.make_codes(account, address=throttle.client_address(request))
    return show(request, "second_factor_codes", codes=made)


@sensitive_post_parameters("code")
@screen
@recently_signed_in
def remove(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    if not second_factor.is_enrolled(account):
        return redirect("mypassword:second_factor")
    form = CodeForm(request.POST or None)
    has_rights = account.has_rights
    if request.method != "POST" or has_rights or not form.is_valid():
        return show(request, "second_factor_remove", form=form, has_rights=has_rights)
    try:
        check(request, form)
        second_factor.remove(account, address=throttle.client_address(request))
    except (second_factor.CodeWrong, second_factor.SecondFactorNeeded, TooMany) as error:
        return show(request, "second_factor_remove", **refused(form, error))
    update_session_auth_hash(request, account)
    messages.success(request, _("The second factor has been removed: signing in asks for the password only."))
    return redirect("mypassword:second_factor")
