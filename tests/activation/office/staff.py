"""Members of the offices, signed in with both factors."""

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from accounts.demo.models import CODE as FACTOR
from accounts.demo.models import DemoDevice
from accounts.models import Account
from registry.models import Affiliation, Department
from registry.names import search_key
from tests.factories import AffiliationFactory

PASSWORD = "blue-ferry-harbour"
LIST = "/admin/registry/affiliation/"


def member(role: str, *departments: Department, name: str = "", second_factor: bool = True, **fields: Any) -> Client:
    """A client of somebody with this role ("" for none), speaking English."""
    account = Account.objects.create_user(name or role or "nobody", PASSWORD, **({"is_staff": True} | fields))
    if role:
        account.groups.add(Group.objects.get(name=role))
    account.departments.set(departments)
    if second_factor:
        DemoDevice.objects.create(user=account, name="demo")
    return enter(account)


def enter(account: Account) -> Client:
    """A client that has signed in, with the second factor where one is asked for."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    answer = client.post("/mypassword/login/", {"username": account.username, "password": PASSWORD})
    if "/login/code/" in answer.headers.get("Location", ""):
        client.post("/mypassword/login/code/", {"code": FACTOR})
    return client


def person(**values: Any) -> Affiliation:
    """A record as the importer would keep it."""
    record = AffiliationFactory.create(**values)
    record.search_name = search_key(record.last_name_el, record.first_name_el)
    record.save(update_fields=["search_name"])
    return record


def change(record: Affiliation) -> str:
    return f"{LIST}{record.pk}/change/"


def form_of(client: Client, record: Affiliation) -> dict[str, Any]:
    """What a browser would post without anything being changed."""
    form = client.get(change(record)).context["adminform"].form
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}


def correct(client: Client, record: Affiliation, **values: Any) -> Any:
    return client.post(change(record), form_of(client, record) | values, follow=True)


def content(answer: Any) -> str:
    return str(answer.content.decode())
