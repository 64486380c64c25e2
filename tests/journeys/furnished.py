"""An administration in which no list is empty, and the addresses of its pages. It runs as a process of the product."""

import json
from collections.abc import Iterator

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts import roles
from accounts.demo.models import DemoDevice
from accounts.demo.staff import SECRETARIAT
from accounts.models import Account, DirectoryEntry, GatewayHealth
from registry.models import Affiliation
from tests.activation.office.staff import PASSWORD, person
from tests.uregister.walk import PARAMETER, filled, make_records, routes

# What stands in an address in place of a row's key.
NAMES = {"code": "username", "source": "sis", "field": "mobile_given"}
# They answer no GET, or with a file or another address.
NO_PAGES = (
    *("login/", "logout/", "password_change/", "password_change/done/", "jsi18n/", "autocomplete/", "export/"),
    *("apply/", "refuse/", "undo/", "resume/", "accept/", "decline/", "confirm/", "replace/"),
)
# The others' histories are Django's empty ones, to which nothing leads.
WITH_HISTORY = ("admin/registry/affiliation/", "admin/accounts/account/")


def furnish() -> None:
    """Print the addresses as JSON."""
    record = make_records()["A"]
    account = Account.objects.get(username=SECRETARIAT.username)
    DirectoryEntry.objects.create(account=account, state="conflict", dn=f"uid={account},ou=people,dc=example,dc=org")
    GatewayHealth.objects.create(name="gunet", failures=3)
    operator = Account.objects.create_user("operator", PASSWORD, is_staff=True)
    operator.groups.add(Group.objects.get(name=roles.OPERATOR))
    DemoDevice.objects.create(user=operator, name="demo")
    print(json.dumps(sorted(set(pages(record)))))  # noqa: T201 It is how this process answers.


def pages(record: Affiliation) -> Iterator[str]:
    """Each page of the administration once: of a model's pages those of its first row, of others the record's."""
    first = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": model._default_manager.values_list("pk", flat=True)
        for model in admin.site._registry
    } | {"admin/registry/affiliation/": [record.pk]}
    # Letters are for who has no contact.
    first["admin/office/letters/"] = [person(department=record.department, mobile="", email="").pk]
    for route, _view in routes():
        if route.endswith(NO_PAGES) or (route.endswith("history/") and not route.startswith(WITH_HISTORY)):
            continue
        named = PARAMETER.sub(lambda blank: NAMES.get(blank["name"], blank[0]), route)
        rows = next((rows for prefix, rows in first.items() if route.startswith(prefix)), [record.pk])
        yield "/" + filled(named, next(iter(rows), 0))
