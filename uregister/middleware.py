"""What every request passes through."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts import second_factor, signin
from accounts.throttle import TooMany
from mypassword.guards import show_second_factor
from uregister.logs import request_id

SESSION_KEY = re.compile(r"[a-z0-9]{32}")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# What no page of ours asks a browser for; a script that found its way into one shall not get it either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "usb",
    )
)  # fmt: skip


class RequestIdMiddleware:
    """Gives each request an identifier that stands in the log and in the answer, so that a complaint finds its lines.

    A proxy in front may have given it one; without a trusted proxy anybody could have written it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
        identifier = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identifier
        return response


class PermissionsPolicyMiddleware:
    """Tells browsers which of their features no page here may use (W3C Permissions Policy).

    And those of before 2019, which do not know all of the Content-Security-Policy, to stop at reflected scripts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["X-XSS-Protection"] = "1; mode=block"
        return response


class SessionMiddleware(sessions.SessionMiddleware):
    """Looks for what can be the key of a session and nothing else.

    A cookie in quotes may hold any character, NUL too, at which PostgreSQL fails.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not SESSION_KEY.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)


class ContentSecurityPolicyMiddleware:
    """Sends `settings.CONTENT_SECURITY_POLICY`, which is the same for every page and so is written down once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response[HEADER] = self.policy
        return response


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
