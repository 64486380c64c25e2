"""The pages that belong to no journey: home, legal texts, errors."""

import sys
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

# Seconds after which a page that the database kept from us is worth asking for again.
COME_BACK = 60


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


@login_not_required
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "terms.html")


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy.html")


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html")


@login_not_required
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where finders of a weakness write to (RFC 9116); good for half a year, counted from each reading."""
    expires = timezone.now() + timedelta(days=180)
    lines = (
        f"Contact: mailto:{parseaddr(settings.SECURITY_CONTACT)[1]}",
        f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: el, en",
        f"Canonical: {settings.PUBLIC_URL.rstrip('/')}{request.path}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: cookies are off, or the page was open for too long."""
    return render(request, "errors/csrf.html", status=403)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: 500; the database is away: 503, and when to come back."""
    # Called while the exception is handled. Without the request: what failed must not fail again in the page.
    away = _is_database_away(sys.exc_info()[1])
    template, status = ("errors/503.html", 503) if away else ("errors/500.html", 500)
    page = render_to_string(template, {"helpdesk_email": settings.HELPDESK_EMAIL})
    return HttpResponse(page, status=status, headers={"Retry-After": str(COME_BACK)} if away else {})


def _is_database_away(error: BaseException | None) -> bool:
    if connection.vendor == "sqlite":
        # It has one class for a lock that was not had in time and for a statement that is wrong.
        return isinstance(error, OperationalError) and "locked" in str(error)
    return isinstance(error, OperationalError | InterfaceError)
