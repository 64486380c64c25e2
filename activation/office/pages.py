"""What every page of an office asks of its visitor, and how it is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import Promise

from accounts import signin
from accounts.models import Account

View = Callable[..., HttpResponseBase]
May = Callable[[Account], bool]


def office_page(*, may: May) -> Callable[[View], View]:
    """Only for who may enter the administration, second factor included, and of these for whom `may` holds.

    Others get a 403 before the view looks anything up; whose records a page shows is for the view to limit, with
    `registry.scope`. Never cached.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(signin.account_of(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # The site is there only once all apps are loaded, which is later than this decorator.
            return admin.site.admin_view(allowed)(request, *args, **kwargs)

        guarded.may = may  # type: ignore[attr-defined] # What the walk over all addresses looks for.
        return guarded

    return decorate


def having(*permissions: str) -> May:
    """`may` for accounts with any of these permissions."""

    def may(account: Account) -> bool:
        return any(account.has_perm(permission) for permission in permissions)

    return may


def show(
    request: HttpRequest,
    page: str,
    *,
    title: str | Promise,
    status: int | None = None,
    retry_after: int = 0,
    **facts: Any,
) -> HttpResponse:
    """Render `templates/admin/office/<page>.html` in the administration's frame.

    `retry_after` are the seconds after which a limit that was hit lets the visitor try again.
    """
    context = {**admin.site.each_context(request), "title": title, **facts}
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    status = 429 if retry_after else status
    return TemplateResponse(request, f"admin/office/{page}.html", context, status=status, headers=headers)
