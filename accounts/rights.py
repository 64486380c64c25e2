"""Who gives roles and departments to whom, and what follows from it.

A role is a group, see `accounts.roles`. That its holder may enter the administration nobody says: it follows from what
the role may do. Everything here counts from the next request on, and stands in the audit trail.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access, audit, roles
from accounts.models import Account
from registry.models import Affiliation, Department
from registry.search import by_name

ACTS = ("rights.changed", "account.activated", "account.deactivated")


class Refused(Exception):
    """The manager may not do this to this account; `message` says why."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message


# ---- Who manages, and whom ------------------------------------------------------------------------------


def may_manage(manager: Account) -> bool:
    return manager.has_perm(roles.MANAGE)


def hindrance(account: Account, manager: Account) -> str | Promise:
    """Why the manager may not touch this account; "" where they may."""
    if account.pk == manager.pk:
        return _("This is your own account. Nobody changes their own rights: ask somebody else who may.")
    if not manager.is_superuser and Account.objects.managing().filter(pk=account.pk).exists():
        return _("Only a superuser changes the account of somebody who may give roles.")
    return ""


def staff() -> QuerySet[Account]:
    """Whoever has a role or another right, also when the account is not active."""
    memberships = Account.groups.through.objects.filter(account=OuterRef("pk"))
    return Account.objects.filter(
        Q(pk__in=Account.objects.with_rights().values("pk"))
        | Exists(memberships)
        | Exists(Account.user_permissions.through.objects.filter(account=OuterRef("pk")))
    )


def found(text: str) -> Q:
    """Staff by username or name, anybody by the whole username."""
    named = Affiliation.objects.filter(by_name(text), person=OuterRef("person"))
    of_staff = Q(pk__in=staff().values("pk")) & (Q(username__icontains=text) | Q(Exists(named)))
    return Q(username__in={text, text.lower()}) | of_staff


# ---- Acts -----------------------------------------------------------------------------------------------


@transaction.atomic
def change(
    account: Account,
    *,
    groups: Iterable[Group],
    departments: Iterable[Department],
    manager: Account,
    address: str | None = None,
) -> dict[str, Any]:
    """Give the account these roles and departments, and take the others; returns what changed, from what to what.

    Roles that the manager may not give stay as they are, held or not. Raises `Refused`.
    """
    held = Account.objects.select_for_update().get(pk=account.pk)
    _ensure_free(held, manager)
    before = _standing(held)
    givable = set(roles.givable(manager).values_list("pk", flat=True))
    kept = [group for group in held.groups.all() if group.pk not in givable]
    held.groups.set([*kept, *(group for group in groups if group.pk in givable)])
    held.departments.set(departments)
    held.is_staff = roles.enters_administration(held)
    held.save(update_fields=["is_staff"])
    after = _standing(held)
    changed = {name: {"from": before[name], "to": after[name]} for name in before if before[name] != after[name]}
    if changed:
        audit.record(
            "rights.changed", actor=manager, account=held, person=held.person, address=address, details=changed
        )
    return changed


@transaction.atomic
def set_active(account: Account, *, active: bool, manager: Account, reason: str, address: str | None = None) -> bool:
    """Open the account to its owner, or end its sessions and close it; False where it is so already.

    Raises `Refused`, also where nobody would be left who may do everything.
    """
    # All of them in one order: of two superusers who deactivate each other, the second one waits, and is refused.
    superusers = Q(is_superuser=True, is_active=True, closed_at=None)
    locked = list(Account.objects.select_for_update().filter(superusers | Q(pk=account.pk)).order_by("pk"))
    held = next(one for one in locked if one.pk == account.pk)
    _ensure_free(held, manager)
    if held.is_active == active:
        return False
    left = [one for one in locked if one.is_superuser and one.is_open and one.pk != account.pk]
    if not active and held.is_superuser and not left:
        raise Refused(_("This is the last active superuser: without one nobody could give rights any more."))
    access.set_active(held, active=active, actor=manager, reason=reason, address=address)
    return True


def _ensure_free(account: Account, manager: Account) -> None:
    if problem := hindrance(account, manager):
        raise Refused(problem)


def _standing(account: Account) -> dict[str, Any]:
    """As the audit trail keeps it: names and codes, which still say something when rows are gone."""
    return {
        "roles": sorted(account.groups.values_list("name", flat=True)),
        "departments": sorted(account.departments.values_list("code", flat=True)),
        "administration": account.is_staff,
    }
