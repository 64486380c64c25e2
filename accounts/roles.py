"""The roles of staff: groups with rights, kept by `migrate`, see docs/roles.md.

A right is there only after `migrate` has made the tables of its app, so the groups are filled then and not by a
migration of their own. Each right is given once, see `OfferedRight`: what the operator adds or takes away stays.
"""

from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Case, Q, QuerySet, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account

SECRETARIAT, PERSONNEL, HELPDESK, OPERATOR, AUDITOR = "secretariat", "personnel", "helpdesk", "operator", "auditor"

_OFFICE = (
    "registry.view_affiliation",
    "registry.change_affiliation",
    "registry.view_insurancecheck",
    "registry.change_insurancecheck",
    "activation.issue_letters",
    "registry.export_insurance",
)
RIGHTS: dict[str, tuple[str, ...]] = {
    SECRETARIAT: ("registry.keep_students", *_OFFICE),
    PERSONNEL: ("registry.keep_staff", *_OFFICE),
    HELPDESK: ("accounts.help_accounts",),
    OPERATOR: (
        "registry.see_all_records",
        "registry.view_affiliation",
        "registry.view_department",
        "registry.view_importrun",
        "registry.run_imports",
        "registry.view_insurancecheck",
        "registry.change_insurancecheck",
        "accounts.view_message",
        "accounts.resend_message",
        "accounts.view_gatewayhealth",
        "accounts.view_directoryentry",
        # To have them tried again; nobody edits them.
        "accounts.change_directoryentry",
    ),
    AUDITOR: (
        "registry.see_all_records",
        "registry.view_affiliation",
        "registry.view_department",
        "registry.view_importrun",
        "accounts.view_auditevent",
    ),
}

# What each role is called and what it is for, wherever somebody gives it; an institution's own groups have but a name.
TITLES: dict[str, tuple[Promise, Promise]] = {
    SECRETARIAT: (_("Secretariat"), _("keeps the records of the students of its departments")),
    PERSONNEL: (_("Personnel office"), _("keeps the records of staff; with departments, of those only")),
    HELPDESK: (_("Helpdesk"), _("helps people with their accounts, outside the administration")),
    OPERATOR: (_("Operator"), _("looks after messages, directory and imports; sees all records, masked")),
    AUDITOR: (_("Auditor"), _("looks at everything, masked, with the audit trail; changes nothing")),
}
# To give and take roles. No role has it from the start, since it leads to all others.
MANAGE = "accounts.manage_rights"
# Whose rights a role may be made of that others than superusers give; Django's own would lead to further rights.
OURS = ("registry", "accounts", "activation")
# The helpdesk works at `/mypassword/helpdesk/`.
OUTSIDE = Q(content_type__app_label="accounts", codename="help_accounts")


def title_of(name: str) -> str | Promise:
    return TITLES[name][0] if name in TITLES else name


def every() -> QuerySet[Group]:
    """All roles, those of the house first, in the order of `TITLES`."""
    places = [When(name=name, then=place) for place, name in enumerate(TITLES)]
    return Group.objects.order_by(Case(*places, default=len(TITLES)), "name")


def givable(manager: Account) -> QuerySet[Group]:
    """The roles that the manager may give and take: all for a superuser, else those that give no further roles."""
    if manager.is_superuser:
        return every()
    further = ~Q(content_type__app_label__in=OURS) | Q(content_type__app_label="accounts", codename="manage_rights")
    return every().exclude(permissions__in=Permission.objects.filter(further))


def enters_administration(account: Account) -> bool:
    """Whether the account has a right that is used there, by a role or of its own."""
    rights = Permission.objects.filter(Q(group__user=account) | Q(user=account)).exclude(OUTSIDE)
    return account.is_superuser or rights.exists()


def offer_rights(*, app_config: Any, using: str, apps: Apps = installed_apps, **_signal: Any) -> None:
    """Give each role the rights of this app that it was not given before; `migrate` and `flush` call it for each."""
    try:
        offered_rights = apps.get_model("accounts", "OfferedRight")
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return  # `migrate` was told to stop earlier.
    prefix = f"{app_config.label}."
    offered = set(offered_rights.objects.using(using).values_list("role", "right"))
    due = [
        (role, right)
        for role, rights in RIGHTS.items()
        for right in rights
        if right.startswith(prefix) and (role, right) not in offered
    ]
    if not due:
        return
    codenames = {right.removeprefix(prefix) for _role, right in due}
    there = permissions.objects.using(using).filter(content_type__app_label=app_config.label, codename__in=codenames)
    by_codename = {permission.codename: permission for permission in there}
    for role in {role for role, _right in due}:
        group, _made = groups.objects.using(using).get_or_create(name=role)
        given = [right for name, right in due if name == role and right.removeprefix(prefix) in by_codename]
        group.permissions.add(*(by_codename[right.removeprefix(prefix)] for right in given))
        offered_rights.objects.using(using).bulk_create(
            [offered_rights(role=role, right=right) for right in given], ignore_conflicts=True
        )
