"""Who works here: accounts with a role, found, given and taken roles and departments, made active and inactive."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import rights, roles, second_factor, signin, throttle
from accounts.admin.rights_forms import ActiveForm, RightsForm
from accounts.admin.rights_history import entries_of
from accounts.models import Account
from registry.admin import ReadOnlyAdmin


class RoleFilter(admin.SimpleListFilter):
    """By role, under its title."""

    title = pgettext_lazy("of staff", "role")
    parameter_name = "role"
    SUPERUSER = "superuser"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        offered = [(str(group.pk), roles.title_of(group.name)) for group in roles.every()]
        return [*offered, (self.SUPERUSER, _("Superuser"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if self.value() == self.SUPERUSER:
            return queryset.filter(is_superuser=True)
        offered = {str(choice) for choice, _title in self.lookup_choices}
        return queryset.filter(groups=int(chosen)) if (chosen := self.value()) in offered and chosen else queryset


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Only for whoever may manage rights, and never for the own account; see `accounts.rights`."""

    form = RightsForm
    list_display = ("username", "name", "role_titles", "department_names", "is_active")
    list_display_links = ("username",)
    list_filter: ClassVar[list[Any]] = [RoleFilter, "is_active"]
    ordering = ("username",)
    sortable_by = ("username",)
    actions = None
    show_full_result_count = False
    # The search is `get_search_results`; this makes the field appear.
    search_fields = ("username",)
    search_help_text = _("Staff by name or username; anybody else by the whole username, to give them a role")
    readonly_fields = ("username", "name", "role_titles", "department_names", "second_factor", "last_login")
    change_form_template = "admin/accounts/account/change_form.html"

    # ---- Who may ------------------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return request.user.is_authenticated and rights.may_manage(signin.account_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        if not self.has_view_permission(request):
            return False
        return obj is None or not rights.hindrance(obj, signin.account_of(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts = Account.objects.select_related("affiliation").prefetch_related(
            Prefetch("groups", roles.every()), "departments"
        )
        return accounts.order_by(*self.ordering)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters' own only: any other would tell of hashes, letter by letter."""
        return lookup in {RoleFilter.parameter_name, "is_active__exact"}

    # ---- List ---------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "title": gettext("Accounts of staff")})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """Staff; only whoever is asked for by the whole username need not be of them."""
        text = " ".join(search_term.split())
        return (queryset.filter(rights.found(text)) if text else queryset & rights.staff()), False

    @admin.display(description=_("name"))
    def name(self, account: Account) -> str:
        return account.affiliation.full_name if account.affiliation else "–"

    @admin.display(description=_("roles"))
    def role_titles(self, account: Account) -> str:
        titles = [str(roles.title_of(group.name)) for group in account.groups.all()]
        return ", ".join([gettext("Superuser"), *titles] if account.is_superuser else titles) or "–"

    @admin.display(description=_("departments"))
    def department_names(self, account: Account) -> str:
        return ", ".join(str(department) for department in account.departments.all()) or "–"

    @admin.display(description=_("second factor"))
    def second_factor(self, account: Account) -> str:
        if second_factor.is_enrolled(account):
            return gettext("set up")
        return gettext("not set up yet: asked for at the next sign-in, before anything else")

    # ---- One account --------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> list[Any]:
        changes = self.has_change_permission(request, obj)
        chosen = ("groups", "departments") if changes else ("role_titles", "department_names")
        return [
            (None, {"fields": ("username", "name", "second_factor", "last_login")}),
            (_("Rights"), {"fields": chosen}),
        ]

    def get_form(self, request: HttpRequest, obj: Account | None = None, **kwargs: Any) -> Any:  # type: ignore[override] # Of a class made here.
        made = super().get_form(request, obj, **kwargs)
        return type(made.__name__, (made,), {"manager": signin.account_of(request)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        account = kwargs.get("obj")
        if account is not None:
            hindrance = rights.hindrance(account, signin.account_of(request))
            active_form = ActiveForm(auto_id="active_%s")
            context |= {"title": gettext("Roles and departments"), "hindrance": hindrance, "active_form": active_form}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature.
        groups, departments = form.cleaned_data["groups"], form.cleaned_data["departments"]
        try:
            rights.change(
                obj,
                groups=groups,
                departments=departments,
                manager=signin.account_of(request),
                address=throttle.client_address(request),
            )
        except rights.Refused as refused:
            # Somebody has changed one of the two accounts since this page was asked for.
            raise PermissionDenied(str(refused.message)) from None
        if not departments and any(group.name == roles.SECRETARIAT for group in groups):
            messages.warning(request, _("A secretariat without departments sees no records: tick its departments."))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 Django's signature.
        """Done by `save_model`, with the audit trail."""

    # ---- Active or not, and the past ----------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "HEAD", "POST"])(self.active_view)
        own = path("<int:pk>/active/", self.admin_site.admin_view(view), name="accounts_account_active")
        return [own, *super().get_urls()]

    def active_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the account active or inactive, for a reason."""
        account = self._found(request, pk)
        form = ActiveForm(request.POST)
        if request.method == "POST" and not form.is_valid():
            messages.error(request, _("Write why: it stands in the audit trail."))
        elif request.method == "POST":
            self._set_active(request, account, form)
        return redirect("admin:accounts_account_change", pk)

    def _set_active(self, request: HttpRequest, account: Account, form: ActiveForm) -> None:
        active = form.cleaned_data["active"]
        try:
            done = rights.set_active(
                account,
                active=active,
                manager=signin.account_of(request),
                reason=form.cleaned_data["reason"],
                address=throttle.client_address(request),
            )
        except rights.Refused as refused:
            messages.error(request, str(refused.message))
            return
        if not done:
            messages.info(request, _("It is so already: somebody was quicker, or it was a second click."))
        elif active:
            messages.success(request, _("The account is active again, with the password it had."))
        else:
            messages.success(
                request, _("The account is inactive: its sessions have ended, and nobody signs in with it.")
            )

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Who changed which rights, from what to what, in place of Django's log of pages."""
        account = self._found(request, int(object_id) if object_id.isdecimal() else 0)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History of the rights: %(name)s") % {"name": account.username},
            "account": account,
            "opts": self.opts,
            "entries": entries_of(account),
        }
        return TemplateResponse(request, "admin/accounts/account/object_history.html", context)

    def _found(self, request: HttpRequest, pk: int) -> Account:
        if not self.has_view_permission(request):
            raise PermissionDenied
        account = self.get_queryset(request).filter(pk=pk).first()
        if account is None:
            raise Http404
        return account
