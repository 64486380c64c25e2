"""What every request passes through."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.throttle import TooMany


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
