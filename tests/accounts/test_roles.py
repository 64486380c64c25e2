"""The roles' groups: there after `migrate`, and left as the operator has made them."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_migrate

from accounts import roles
from accounts.models import OfferedRight

pytestmark = pytest.mark.django_db


def migrate() -> None:
    """What `migrate` says to each app when it is done."""
    for config in apps.get_app_configs():
        post_migrate.send(config, app_config=config, verbosity=0, interactive=False, using="default", apps=apps)


def rights_of(role: str) -> set[str]:
    granted = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in granted}


@pytest.mark.parametrize("role", roles.RIGHTS)
def test_every_role_has_its_rights(role: str) -> None:
    assert rights_of(role) == set(roles.RIGHTS[role])


def test_what_the_operator_changed_stays() -> None:
    group = Group.objects.get(name=roles.AUDITOR)
    taken, given = "view_auditevent", "view_gatewayhealth"
    group.permissions.remove(Permission.objects.get(codename=taken))
    group.permissions.add(Permission.objects.get(codename=given))
    Group.objects.get(name=roles.OPERATOR).delete()
    before = rights_of(roles.AUDITOR)
    migrate()
    assert rights_of(roles.AUDITOR) == before
    assert "accounts.view_auditevent" not in before
    assert not Group.objects.filter(name=roles.OPERATOR).exists()


def test_a_right_that_is_new_is_given_once() -> None:
    new = "registry.keep_students"
    OfferedRight.objects.filter(role=roles.SECRETARIAT, right=new).delete()
    group = Group.objects.get(name=roles.SECRETARIAT)
    group.permissions.clear()
    migrate()
    assert rights_of(roles.SECRETARIAT) == {new}
    assert OfferedRight.objects.count() == sum(map(len, roles.RIGHTS.values()))
