"""Somebody in an office, signed in, and the requests that wait there."""

from typing import Any

from django.contrib.auth.models import Group

from accounts.models import Account
from activation.models import CorrectionRequest
from registry.models import Affiliation, Department
from tests.mypassword.holder import PASSWORD, Holder, goes_to, with_app

QUEUE = "/admin/office/corrections/"


class Clerk(Holder):
    """Signed in with the second factor."""

    def act(self, asked: CorrectionRequest, act: str, **fields: str) -> Any:
        return self.post(f"{QUEUE}{asked.pk}/{act}/", **fields)


def clerk(role: str, *departments: Department, is_staff: bool = True) -> Clerk:
    """A member of the role's group, with these departments."""
    account = Account.objects.create_user(f"{role}-{Account.objects.count()}", PASSWORD, is_staff=is_staff)
    account.groups.add(Group.objects.get(name=role))
    account.departments.set(departments)
    with_app(account)
    visitor = Clerk(account)
    visitor.sign_in()
    assert goes_to(visitor.give_code(visitor.code())) == "/mypassword/"
    return visitor


def requested(
    record: Affiliation, *, field: str = "last_name", value: str = "Παππά", **facts: Any
) -> CorrectionRequest:
    """As the person would have asked for it."""
    contact = {"mobile": record.mobile, "email": record.email, "language": "en"}
    return CorrectionRequest.objects.create(affiliation=record, field=field, value=value, **(contact | facts))
