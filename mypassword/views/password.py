"""Changing the password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import access, passwords, signin, throttle
from accounts.throttle import TooMany
from mypassword.forms.password import ChangePasswordForm
from mypassword.guards import screen
from mypassword.screens import refused, show


@sensitive_post_parameters("current_password", "password1", "password2")
@screen
def change(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    form = ChangePasswordForm(request.POST or None, record=account.affiliation, username=account.username)
    if request.method != "POST" or not form.is_valid():
        return show(request, "password", form=form)
    try:
        signin.confirm_password(request, form.cleaned_data["current_password"])
        replace(request, form.cleaned_data["password1"])
    except signin.PasswordWrong as error:
        return show(request, "password", **refused(form, error, field="current_password"))
    except (access.Overtaken, TooMany) as error:
        return show(request, "password", **refused(form, error))
    messages.success(
        request, _("Your password has been changed. Everywhere else where you were signed in, you no longer are.")
    )
    return redirect("mypassword:menu")


def replace(request: HttpRequest, password: str) -> None:
    """Give the account the new password; this session goes on. Raises `access.Overtaken`."""
    account = signin.account_of(request)
    # Hashing takes long and holds no lock.
    hashes = passwords.hashes(password)
    address = throttle.client_address(request)
    access.change_password(account, **hashes, act="password.changed", address=address)
    update_session_auth_hash(request, account)
