"""The demo's own users: one for each desk, with a password and a second factor that everybody knows."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.demo.models import CODE, DemoDevice
from accounts.models import Account
from registry.demo.departments import DEPARTMENTS
from registry.models import Department


@dataclass(frozen=True)
class DemoUser:
    """`role` is also the user's group, see `accounts.roles`; `title` says the same to a reader.

    `departments` are the codes of those whose records the user keeps, `desk` is where the user works.
    """

    role: str
    title: Promise
    username: str
    password: str
    second_factor: str = CODE
    departments: tuple[str, ...] = ()
    desk: str = "/admin/"


# Two of the four departments, so that there are records that the demo's secretary must not see; most of the fixed
# people are theirs, the one whose mobile lacks its prefix too.
KEPT = tuple(department.code for department in (DEPARTMENTS[0], DEPARTMENTS[3]))
SECRETARIAT = DemoUser("secretariat", _("Secretariat"), "secretariat", "blue-ferry-harbour", departments=KEPT)
HELPDESK = DemoUser("helpdesk", _("Helpdesk"), "helpdesk", "green-olive-terrace", desk="/mypassword/helpdesk/")
ADMINISTRATOR = DemoUser("administrator", _("Administrator"), "administrator", "white-island-window")
USERS = (SECRETARIAT, HELPDESK, ADMINISTRATOR)


class NotInProduction(Exception):  # It says what is the matter; see `registry.lookup.NotFound`.
    """Users whose passwords stand in public source code were asked for in production."""


@transaction.atomic
def create_users() -> None:
    """The demo's users, where they are missing; those that exist stay as they are.

    Raises `NotInProduction`.
    """
    if settings.PRODUCTION:
        raise NotInProduction
    for user in USERS:
        account = Account.objects.filter(username=user.username).first() or _create(user)
        DemoDevice.objects.get_or_create(user=account, defaults={"name": "demo"})


def _create(user: DemoUser) -> Account:
    if user == ADMINISTRATOR:
        return Account.objects.create_superuser(user.username, user.password)
    account = Account.objects.create_user(user.username, user.password)
    account.groups.add(Group.objects.get(name=user.role))
    account.departments.set(Department.objects.filter(code__in=user.departments))
    account.is_staff = roles.enters_administration(account)
    account.save(update_fields=["is_staff"])
    return account
