"""The admin site: behind our own sign-in, with its limits, and behind the second factor."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver, include, path
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp.admin import OTPAdminSite

from accounts import signin
from activation.office import desk
from mypassword.guards import show_second_factor
from mypassword.views.session import logout


def refuse_nul(request: HttpRequest) -> None:
    """Django hands what a filter is asked for to the database, and PostgreSQL fails at NUL. Raises `BadRequest`."""
    if any("\0" in name + value for name, values in request.GET.lists() for value in values):
        raise BadRequest


class CheckedSelection:
    """Of a list whose rows were chosen: Django hands the keys to the database unseen, where some are an error."""

    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        refuse_nul(request)
        return super().changelist_view(request, extra_context)  # type: ignore[no-any-return, misc] # Of ModelAdmin.

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Raises `BadRequest` for what can be no key."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.clean(key, None)
        except ValidationError:
            raise BadRequest from None
        return super().response_action(request, queryset)  # type: ignore[no-any-return, misc] # Of ModelAdmin.


class AdminSite(OTPAdminSite):  # type: ignore[misc] # django-otp has no type hints.
    """`has_permission` of django-otp stays in force: staff, active, with a verified second factor."""

    site_title = site_header = "URegister"
    index_title = _("Administration")
    # The first page leads everywhere; beside a table there is no room for a second list of all tables.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Every model's pages check what was selected, be they ours, Django's or a library's."""
        pages = admin_class or ModelAdmin
        super().register(model_or_iterable, type(pages.__name__, (CheckedSelection, pages), {}), **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The pages of the offices come before Django's own, the last of which takes every address.

        None of our records has a page outside the administration; Django's redirection to such pages goes, as it would
        tell everybody on the staff which keys exist, and fails at a key of another type than the table's.
        """
        own = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        return [path("office/", include("activation.office.urls")), *own]

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The first page begins with what waits for whoever looks."""
        tasks = desk.links_for(signin.account_of(request))
        return super().index(request, {**(extra_context or {}), "tasks": tasks})  # type: ignore[no-any-return]

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Wherever Django's admin wants somebody to sign in, they do so in MyPassword.

        The helpdesk, which works outside the administration, is led to its own desk.
        """
        address = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
            address = resolve_url("admin:index")
        if self.has_permission(request):
            return redirect(address)
        if not request.user.is_authenticated:
            return redirect_to_login(address, resolve_url("mypassword:login"))
        account = signin.account_of(request)
        if not account.is_staff:
            if account.has_perm("accounts.help_accounts"):
                return redirect("mypassword:helpdesk")
            raise PermissionDenied
        return show_second_factor(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return logout(request)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        refuse_nul(request)
        return super().autocomplete_view(request)  # type: ignore[no-any-return]

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's own page would tell nobody of the change and end no session."""
        return redirect("mypassword:password")
