"""What a view of MyPassword asks of its visitor before it does anything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import second_factor, signin

View = Callable[..., HttpResponse]


def screen(view: View) -> View:
    """A page of somebody signed in, never kept by a browser or proxy."""
    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(view))


def public(view: View) -> View:
    """The same for everybody."""
    return login_not_required(screen(view))


def before_second_factor(view: View) -> View:
    """A page that an account with rights may open before it has shown its second factor: all others wait for it."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    marked.before_second_factor = True  # type: ignore[attr-defined] # As Django marks views with login_required.
    return marked


def recently_signed_in(view: View) -> View:
    """Ask for the password again where the last time was more than `signin.RECENT` ago, then come back here.

    What was posted meanwhile is not carried along: it would have to be kept somewhere.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if signin.is_recent(request):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), resolve_url("mypassword:login_again"))

    return guarded


def second_factor_required(permission: str | None = None) -> Callable[[View], View]:
    """Only for accounts with this permission (or, without one, with any rights) that have shown their second factor.

    Decided before the view looks anything up, so an address tells nothing of what is behind it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            account = signin.account_of(request)
            if not (account.has_perm(permission) if permission else account.has_rights):
                raise PermissionDenied
            if second_factor.is_verified(request):
                return view(request, *args, **kwargs)
            return show_second_factor(request)

        return guarded

    return decorate


def show_second_factor(request: HttpRequest) -> HttpResponse:
    """Send somebody who has not shown a second factor to where it is shown, or first set up."""
    if not second_factor.is_enrolled(signin.account_of(request)):
        return redirect("mypassword:second_factor_enrol")
    # It was set up meanwhile, by another session: this one never was asked for it.
    logout(request)
    return redirect_to_login(request.get_full_path(), resolve_url("mypassword:login"))
