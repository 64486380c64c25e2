"""What every request passes through."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts import second_factor, signin
from accounts.throttle import TooMany
from mypassword.guards import show_second_factor


class TooManyMiddleware(MiddlewareMixin):
    """Answers 429 where a limit was hit on a page that has no form to say so."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        seconds = exception.retry_after
        context = {"retry_after": seconds, "retry_at": timezone.now() + timedelta(seconds=seconds)}
        response = render(request, "errors/429.html", context, status=429)
        response["Retry-After"] = str(seconds)
        return response


class SecondFactorMiddleware(MiddlewareMixin):
    """Leads accounts with rights to their second factor before anything else, wherever they want to go.

    Public pages are for everybody; the pages on which a second factor is set up say so of themselves.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or getattr(view, "before_second_factor", False):
            return None
        if not request.user.is_authenticated or not second_factor.is_owed(request, signin.account_of(request)):
            return None
        return show_second_factor(request)
